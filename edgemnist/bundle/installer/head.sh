    # Installs edgemnist from this file, without internet. The rest of the file is a zip archive.
    #
    #   sh FILE                 for yourself: the command is ~/.local/bin/edgemnist
    #   sudo sh FILE            for everybody: the command is /usr/local/bin/edgemnist
    #   sh FILE --prefix DIR    anywhere else: the command is DIR/bin/edgemnist
    #
    # All of this is one function, so that a shell which finds the file cut short here runs none of it.
    if [ "$(tail -n +3 "$0" | sha256sum | cut -c 1-64)" != "$sha256" ]; then
        echo "edgemnist: $0 is damaged: cut short or altered on its way here; copy it again. Nothing was changed." >&2
        exit 3
    fi
    if ! command -v python3 > /dev/null; then
        echo "edgemnist: python3 is missing; type: sudo apt install python3" >&2
        exit 3
    fi
    exec python3 -I "$0" "$@"
}
main "$@"
exit
