"""The metadata and the digest of a model file."""

import dataclasses
import hashlib
import zlib

import numpy as np
import pytest

from edgemnist.errors import ModelError
from edgemnist.model.classifier import OutlierRecord, decode_selftest, encode_selftest
from edgemnist.model.digest import DIGEST_KEY, UNSTAMPED, check_digest, stamp
from edgemnist.model.kinds import from_metadata, to_metadata
from edgemnist.model.opened import default_model


def assert_same_info(left, right):
    for field in dataclasses.fields(left):
        if field.name != "selftest":
            assert getattr(left, field.name) == getattr(right, field.name), field.name
    np.testing.assert_array_equal(left.selftest.images, right.selftest.images)
    np.testing.assert_array_equal(left.selftest.logits, right.selftest.logits)


def test_metadata_survives_a_round_trip(int8):
    assert_same_info(from_metadata(to_metadata(int8.info), "here"), int8.info)


def test_the_evidence_asked_for_survives_a_round_trip_and_may_be_missing(int8):
    for record in (OutlierRecord(3.25, lost=0.005, answered=0.1, count=2_000), None):
        info = dataclasses.replace(int8.info, outliers=record)
        assert from_metadata(to_metadata(info), "here").outliers == record
    metadata = to_metadata(int8.info)
    del metadata["edgemnist.outliers"]
    assert from_metadata(metadata, "a file from before there were outliers").outliers is None


def test_every_key_is_one_of_ours_and_every_value_a_string(int8):
    metadata = to_metadata(int8.info)
    assert all(key.startswith("edgemnist.") and isinstance(value, str) for key, value in metadata.items())


def test_metadata_of_another_tool_is_refused():
    with pytest.raises(ModelError, match="x.onnx is not an edgemnist model"):
        from_metadata({"producer": "somebody"}, "x.onnx")


def test_a_newer_format_version_is_refused_by_name(int8):
    metadata = to_metadata(int8.info) | {"edgemnist.format_version": "3"}
    with pytest.raises(ModelError, match="x.onnx has format version 3, this edgemnist reads up to 2"):
        from_metadata(metadata, "x.onnx")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", '["0", "1"]'),
        ("labels", "no json"),
        ("precision", "fp16"),
        ("validation", "{}"),
        ("data", "[]"),
        ("selftest", "AAAA"),
        ("selftest", "not base64!"),
    ],
)
def test_a_damaged_record_is_refused(int8, key, value):
    with pytest.raises(ModelError, match="unreadable metadata"):
        from_metadata(to_metadata(int8.info) | {f"edgemnist.{key}": value}, "x.onnx")


def test_a_missing_record_is_refused(int8):
    metadata = to_metadata(int8.info)
    del metadata["edgemnist.parity"]
    with pytest.raises(ModelError, match="unreadable metadata"):
        from_metadata(metadata, "x.onnx")


def test_selftest_record_holds_images_and_logits_exactly(int8):
    again = decode_selftest(encode_selftest(int8.info.selftest))
    np.testing.assert_array_equal(again.images, int8.info.selftest.images)
    np.testing.assert_array_equal(again.logits, int8.info.selftest.logits)


def test_a_selftest_record_that_unpacks_without_end_is_refused():
    import base64

    bomb = base64.b64encode(zlib.compress(bytes(50_000_000))).decode()
    with pytest.raises(ValueError, match="selftest"):
        decode_selftest(bomb)


def unstamped() -> bytes:
    return b"\x08\x08\x12\x09edgemnist graph " + DIGEST_KEY.encode() + b"\x12\x40" + UNSTAMPED.encode() + b" tail"


def test_digest_is_sha256_of_the_file_with_the_value_zeroed():
    stamped = stamp(unstamped())
    assert check_digest(stamped, "x.onnx") == hashlib.sha256(unstamped()).hexdigest()
    assert stamped.replace(hashlib.sha256(unstamped()).hexdigest().encode(), UNSTAMPED.encode()) == unstamped()


def test_stamping_needs_an_unstamped_digest():
    with pytest.raises(ValueError, match="no unstamped digest"):
        stamp(stamp(unstamped()))


@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_one_altered_bit_anywhere_in_a_shipped_model_is_noticed(precision):
    content = default_model(precision).read_bytes()
    check_digest(content, "x.onnx")
    positions = np.linspace(0, len(content) - 1, 97).astype(int)
    for position in positions:
        for bit in (0, 7):
            altered = bytearray(content)
            altered[position] ^= 1 << bit
            with pytest.raises(ModelError):
                check_digest(bytes(altered), "x.onnx")


@pytest.mark.parametrize("share", [0.01, 0.5, 0.99])
def test_a_model_cut_short_is_said_to_be_damaged(int8_path, share):
    content = int8_path.read_bytes()
    with pytest.raises(ModelError, match="x.onnx is damaged"):
        check_digest(content[: int(len(content) * share)], "x.onnx")


@pytest.mark.parametrize("content", [b"", b"hello", b"\x08\x08\x12\x07pytorch" + bytes(100)])
def test_a_file_of_another_origin_is_said_not_to_be_ours(content):
    with pytest.raises(ModelError, match="x.onnx is not an edgemnist model"):
        check_digest(content, "x.onnx")


def test_a_second_digest_is_not_believed():
    content = unstamped()
    with pytest.raises(ModelError, match="damaged"):
        check_digest(stamp(content) + content, "x.onnx")
