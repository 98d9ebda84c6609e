import io
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from moodtune.artifacts.arrays import decode_arrays, encode_arrays
from moodtune.errors import BundleError

KEPT = st.sampled_from(["?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f4", "<f8"])
STATES = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,9}", fullmatch=True),
    KEPT.flatmap(lambda kind: hnp.arrays(kind, hnp.array_shapes(min_dims=0, min_side=0))),
    min_size=1,
    max_size=4,
)


def encoded(**arrays):
    return b"".join(encode_arrays(arrays))


def headed(header, body=b"", version=b"\x01\x00"):
    """A file that starts with the given header in place of the one of the names."""
    text = header.encode()
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text + body


@given(STATES)
def test_arrays_come_back_as_they_were_kept(arrays):
    back = decode_arrays(encoded(**arrays), "x.npy")
    assert list(back) == sorted(arrays)
    for name, array in arrays.items():
        assert back[name].dtype == array.dtype
        np.testing.assert_array_equal(back[name], array)


def test_text_comes_back_with_every_kind_of_character():
    words = np.array(["", "calm", "雨", "\U0001f3b5", "a\nb"])
    assert decode_arrays(encoded(words=words), "x.npy")["words"].tolist() == words.tolist()


def test_an_array_that_is_turned_or_of_other_byte_order_is_kept_by_its_values():
    turned = np.arange(6, dtype=">i4").reshape(2, 3).T
    back = decode_arrays(encoded(turned=turned), "x.npy")["turned"]
    assert back.dtype == np.dtype("<i4")
    assert back.tolist() == [[0, 3], [1, 4], [2, 5]]


def test_numpy_alone_can_read_the_file():
    file = io.BytesIO(encoded(b=np.eye(2), a=np.array([7])))
    names = np.load(file, allow_pickle=False)
    assert names.tolist() == ["a", "b"]
    assert np.load(file, allow_pickle=False).tolist() == [7]
    assert np.load(file, allow_pickle=False).tolist() == [[1, 0], [0, 1]]


def test_the_order_in_which_arrays_are_given_does_not_change_a_byte():
    one, two = np.array([1]), np.array([2.5])
    assert encoded(a=one, b=two) == encoded(b=two, a=one)


def test_arrays_lie_where_the_processor_likes_them():
    data = encoded(a=np.zeros(3, "i1"), b=np.zeros((5, 3), "f4"), c=np.zeros(2))
    for array in decode_arrays(data, "x.npy").values():
        offset = array.__array_interface__["data"][0] - np.frombuffer(data, "u1").ctypes.data
        assert offset % 64 == 0
        assert array.flags.aligned


def test_what_was_loaded_cannot_be_written_to():
    array = decode_arrays(encoded(a=np.zeros(3)), "x.npy")["a"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1


def test_loading_takes_no_copy_of_a_mapped_file():
    data = memoryview(encoded(a=np.zeros(1000)))
    assert np.shares_memory(decode_arrays(data, "x.npy")["a"], np.frombuffer(data, "u1"))


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.array([{}], dtype=object)}, "cannot keep an array of object with 1 axes"),
        ({"a": np.zeros(1, "c8")}, "cannot keep an array of complex64 with 1 axes"),
        ({"a": np.zeros(1, "S3")}, "cannot keep an array of |S3 with 1 axes"),
        ({"a": np.zeros(1, [("x", "f4")])}, "cannot keep an array of [('x', '<f4')] with 1 axes"),
        ({"a": np.zeros((1,) * 9)}, "cannot keep an array of float64 with 9 axes"),
        ({"../a": np.zeros(1)}, "arrays need plain names, got ['../a']"),
        ({"A": np.zeros(1)}, "arrays need plain names, got ['A']"),
        ({}, "arrays need plain names, got none"),
    ],
)
def test_what_cannot_be_read_back_safely_is_not_written(arrays, message):
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        b"".join(encode_arrays(arrays))


GOOD = "{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }"


def test_the_twin_of_the_headers_below_is_read():
    data = encoded(a=np.zeros(1))
    assert data[10 : 10 + len(GOOD)].decode() == GOOD


@pytest.mark.parametrize(
    "header",
    [
        GOOD.replace("<U1", "|O"),
        GOOD.replace("<U1", "|V8"),
        GOOD.replace("<U1", ">U1"),
        GOOD.replace("<U1", "<M8[s]"),
        GOOD.replace("<U1", "<U0"),
        GOOD.replace("'<U1'", "[('a', '<f4')]"),
        GOOD.replace("False", "True"),
        GOOD.replace("(1,)", "(1)"),
        GOOD.replace("(1,)", "(-1,)"),
        GOOD.replace("(1,)", "(01,)"),
        GOOD.replace("(1,)", "(1.0,)"),
        GOOD.replace("(1,)", "(True,)"),
        GOOD.replace("(1,)", "(" + "1, " * 9 + ")"),
        GOOD.replace("'shape'", "'form'"),
        "__import__('os').system('true')",
        "(" * 400,
        "{" * 400,
    ],
)
def test_a_header_of_another_kind_is_refused(header):
    padded = header + " " * (-(10 + len(header) + 1) % 64) + "\n"
    with pytest.raises(BundleError, match=r"^x\.npy is damaged: expected .*; copy the model again"):
        decode_arrays(headed(padded, b"a\x00\x00\x00" * 100), "x.npy")


@pytest.mark.parametrize("version", [b"\x02\x00", b"\x03\x00", b"\x01\x01", b"\x00\x00"])
def test_another_version_of_the_array_format_is_refused(version):
    data = encoded(a=np.zeros(1))
    with pytest.raises(BundleError, match=r"^x\.npy is damaged: expected a header as Moodtune"):
        decode_arrays(data[:6] + version + data[8:], "x.npy")


@pytest.mark.parametrize(
    "shape",
    ["(1000000000000,)", "(999999999999999, 999999999999999)", "(0, 1000000000000)"],
)
def test_a_shape_that_the_file_cannot_hold_is_refused_before_memory_is_taken(shape):
    text = GOOD.replace("(1,)", shape)
    padded = text + " " * (-(10 + len(text) + 1) % 64) + "\n"
    with pytest.raises(BundleError, match=r"^x\.npy is damaged: expected at most 64 bytes of data"):
        decode_arrays(headed(padded, b"\0" * 64), "x.npy")


def test_numbers_that_are_no_characters_are_refused():
    data = bytearray(encoded(words=np.array(["calm"])))
    for bad in (0x110000, 0xD800, 0xFFFFFFFF):
        data[-16:-12] = bad.to_bytes(4, "little")
        with pytest.raises(
            BundleError,
            match=r"^x\.npy is damaged: expected text, got numbers that are no characters; ",
        ):
            decode_arrays(bytes(data), "x.npy")


@pytest.mark.parametrize("extra", [b"\0", b"\x93NUMPY\x01\x00" + bytes(300)])
def test_bytes_after_the_last_array_are_refused(extra):
    data = encoded(a=np.zeros(1))
    expected = f"x.npy is damaged: expected {len(data):,} bytes, got {len(data) + len(extra):,}; "
    with pytest.raises(BundleError, match=f"^{re.escape(expected)}"):
        decode_arrays(data + extra, "x.npy")


def test_names_out_of_order_are_refused():
    data = bytearray(encoded(a=np.zeros(1), b=np.zeros(1)))
    at = data.index("ab".encode("utf-32-le"))
    data[at : at + 8] = "ba".encode("utf-32-le")
    with pytest.raises(BundleError, match=r"^x\.npy is damaged: expected plain names in order, "):
        decode_arrays(bytes(data), "x.npy")


@given(st.data())
def test_whatever_byte_is_changed_the_answer_is_arrays_or_one_sentence(data):
    good = encoded(a=np.arange(4.0), names=np.array(["calm", "deep"]), n=np.array(3))
    bad = bytearray(good)
    for _ in range(data.draw(st.integers(1, 4))):
        bad[data.draw(st.integers(0, len(bad) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(bad)))
    for changed in (bytes(bad), good[:cut], bytes(bad[:cut])):
        try:
            arrays = decode_arrays(changed, "x.npy")
        except BundleError as error:
            assert str(error).startswith("x.npy is damaged: ")  # noqa: PT017 -- either is right
        else:
            assert len(changed) == len(good)
            assert all(isinstance(array.tolist(), float | int | list) for array in arrays.values())
