#!/usr/bin/env bash
# Downloads Debian packages with all that they depend on and unpacks them into a folder; installs nothing.
#
#   fetch-debs.sh FOLDER SUITE ARCHITECTURE PACKAGE...     e.g. build/arm64/bookworm bookworm arm64 python3
#
# For another architecture everything comes, as onto an empty card; for this machine's own, only what it lacks.
# Exit status 77, with a line 'SKIP: why', where this machine cannot do it.
set -euo pipefail
skip() { echo "SKIP: $*" >&2; exit 77; }
mkdir -p "$(dirname "$1")"
folder=$(cd "$(dirname "$1")" && pwd)/$(basename "$1") suite=$2 architecture=$3
shift 3
[ -d "$folder" ] && exit 0

key=/usr/share/keyrings/debian-archive-keyring.gpg
command -v apt-get > /dev/null || skip "this needs apt-get: a Debian machine"
[ -r "$key" ] || skip "this needs Debian's archive keyring (debian-archive-keyring)"
# the mirror that this machine's apt is set to use
# shellcheck disable=SC2016 # $(REPO_URI) is apt's
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -E '/debian/?$' | head -n 1) || true
[ -n "$mirror" ] || skip "apt has no Debian mirror set"

apt=$folder.apt part=$folder.part
rm -rf "$apt" "$part"
mkdir -p "$part" "$apt"/etc/{apt.conf.d,preferences.d,trusted.gpg.d,sources.list.d} \
    "$apt"/state/lists/partial "$apt"/cache/archives/partial
find /etc/apt/apt.conf.d -name '*proxy*' -exec cp {} "$apt/etc/apt.conf.d/" \;
echo "deb [signed-by=$key] $mirror $suite main" > "$apt/etc/sources.list"
status=$apt/status
: > "$status"
[ "$architecture" != "$(dpkg --print-architecture)" ] || status=/var/lib/dpkg/status
cat > "$apt/apt.conf" <<CONF
APT::Architecture "$architecture";
APT::Architectures { "$architecture"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::Etc "$apt/etc";
Dir::State "$apt/state";
Dir::State::status "$status";
Dir::Cache "$apt/cache";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get -qq update >&2 || skip "apt-get update failed for $suite $architecture"
apt-get -qq --yes --no-install-recommends --download-only install "$@" >&2 ||
    skip "apt cannot download $* for $suite $architecture"

find "$apt/cache/archives" -name '*.deb' -exec dpkg-deb --extract {} "$part" \;
rm -rf "$part/usr/share/doc" "$part/usr/share/man" "$part/usr/share/locale" "$apt"
mv "$part" "$folder"
