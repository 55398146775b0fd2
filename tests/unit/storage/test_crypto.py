"""Sealing, the key ring and its words for what is wrong with it."""

import base64

import pytest

from storage.crypto import (
    DataKey,
    KeyRing,
    KeyRingInvalid,
    Unreadable,
    bound_to,
    new_key_ring,
    rotated_key_ring,
    sealed_by,
)

PLACE = bound_to("willow", "n1", "content", 3)


def test_what_a_data_key_seals_opens_in_its_place_only():
    key = DataKey.new()
    sealed = key.seal(b"clinical", PLACE)
    assert key.open(sealed, PLACE) == b"clinical"
    for other in (("harbor", "n1", "content", 3), ("willow", "n2", "content", 3), ("willow", "n1", "content", 4)):
        with pytest.raises(Unreadable):
            key.open(sealed, bound_to(*other))
    with pytest.raises(Unreadable):
        DataKey.new().open(sealed, PLACE)


@pytest.mark.parametrize("position", [0, 1, 13, -1])
def test_one_changed_bit_does_not_open(position: int):
    key, ring = DataKey.new(), KeyRing.parse(new_key_ring())
    for opener in (key, ring):
        sealed = bytearray(opener.seal(b"clinical", PLACE))
        sealed[position] ^= 1
        with pytest.raises(Unreadable):
            opener.open(bytes(sealed), PLACE)


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01\xff", b"\x02", b"\x02short", b"\x01\x02k1short"])
def test_broken_bytes_do_not_open(sealed: bytes):
    for opener in (DataKey.new(), KeyRing.parse(new_key_ring())):
        with pytest.raises(Unreadable):
            opener.open(sealed, PLACE)


def test_the_same_words_are_never_sealed_alike():
    key = DataKey.new()
    assert key.seal(b"same", PLACE) != key.seal(b"same", PLACE)


def test_places_are_unambiguous():
    assert bound_to("a", "bc") != bound_to("ab", "c")
    assert bound_to("a:1:b") != bound_to("a", "b")


def test_a_wrapped_key_opens_what_the_key_sealed():
    ring, key = KeyRing.parse(new_key_ring()), DataKey.new()
    wrapped = key.wrapped_by(ring, PLACE)
    assert DataKey.unwrapped(ring, wrapped, PLACE).open(key.seal(b"x", PLACE), PLACE) == b"x"


def test_rotation_opens_old_and_seals_new():
    old_text = new_key_ring()
    new_text = rotated_key_ring(old_text)
    old, new = KeyRing.parse(old_text), KeyRing.parse(new_text)
    sealed = old.seal(b"secret", PLACE)
    rewrapped = new.rewrap(sealed, PLACE)
    assert (old.active_id, new.active_id) == ("k1", "k2")
    assert (sealed_by(sealed), sealed_by(rewrapped)) == ("k1", "k2")
    assert new.open(sealed, PLACE) == new.open(rewrapped, PLACE) == b"secret"
    assert new.rewrap(rewrapped, PLACE) == rewrapped
    with pytest.raises(Unreadable, match="key_not_in_ring:k2"):
        old.open(rewrapped, PLACE)


def test_macs_are_equal_for_equal_messages_under_one_key():
    key = DataKey.new()
    assert key.mac(b"JD-014") == key.mac(b"JD-014") != DataKey.new().mac(b"JD-014")


SECRET = base64.b64encode(b"0123456789abcdef0123456789abcdeX").decode()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Entry 1"),
        (SECRET, "Entry 1"),
        (f"{SECRET}:k1", "Entry 1"),
        (f"k1:{SECRET},", "Entry 2"),
        (f"k1:{SECRET},k1:{SECRET}", "two keys with the id k1"),
        (f"k1:{SECRET}!", "k1 of the key ring is not base64"),
        (f"k1:{SECRET[:24]}", "has 18 bytes; it needs 32"),
    ],
)
def test_a_bad_ring_is_explained_without_quoting_a_key(text: str, says: str):
    with pytest.raises(KeyRingInvalid, match=says) as error:
        KeyRing.parse(text)
    assert SECRET[:8] not in str(error.value)


def test_keys_are_never_printed():
    text = new_key_ring()
    printed = repr(KeyRing.parse(text)) + repr(DataKey(b"0123456789abcdef0123456789abcdeX"))
    assert printed == "KeyRing(k1:***)DataKey(***)"


def test_url_safe_base64_is_accepted():
    secret = bytes([251] * 32)
    sealed = KeyRing.parse(f"a:{base64.b64encode(secret).decode()}").seal(b"x", PLACE)
    assert KeyRing.parse(f" a:{base64.urlsafe_b64encode(secret).decode()} ").open(sealed, PLACE) == b"x"
