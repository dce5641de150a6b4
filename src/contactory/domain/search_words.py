"""The words under which search finds a contact, in one folding for contacts and queries.

A folded text has no letter case, no accents and no digits but ASCII ones, and whatever separates
words in it is ASCII: every other character belongs to a word. Words are therefore the tokens of
any tokenizer that splits at ASCII punctuation alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

import msgspec
import phonenumbers

from contactory.domain.contacts import Contact, ContactPhone

LONGEST_WORD: Final = 60
# At most 2,000 words a contact, shared out so that no column crowds out another.
_MOST_NAME_WORDS: Final = 500
_MOST_EMAIL_WORDS: Final = 600
_MOST_PHONE_WORDS: Final = 400
_MOST_COMPANY_WORDS: Final = 500

_WORD: Final = re.compile("[0-9a-z\x80-\U0010ffff]+")
_TRUNK_ZERO: Final = re.compile(r"\(0+\)")
_NOT_DIGITS: Final = re.compile("[^0-9]+")
_DOMAIN_LABEL: Final = re.compile(r"xn--[a-z0-9-]+", re.IGNORECASE)
_VOICING: Final = "\u3099\u309a"  # Kana with and without it are different letters.
_KATAKANA: Final = {code: code - 0x60 for code in range(0x30A1, 0x30F7)}
# Letters that have no decomposition, as those who cannot type them write them.
_LETTERS: Final = _KATAKANA | {
    ord(letter): written
    for letter, written in (
        pair.split(":")
        for pair in (
            "æ:ae œ:oe þ:th ø:o ł:l đ:d ð:d ħ:h \u0131:i ŋ:n ŧ:t ĸ:k ə:e ɛ:e ɔ:o ƒ:f ɓ:b ɗ:d "
            "ɖ:d ƙ:k ƴ:y \u0263:g ɨ:i ʉ:u ى:ي ی:ي ک:ك ة:\u0647 ـ:"
        ).split()
    )
}
# What is typed for an apostrophe, though it is an accent, a prime or a letter.
APOSTROPHES: Final = dict.fromkeys([0xB4, *range(0x2B9, 0x2C0), 0x2C8, 0x2032], "'")
_JOINING: Final = {"Pd": "-", "Pi": "'", "Pf": "'", "Cf": ""}
_SPELLED_OUT: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa"})
# Scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, Hangul, kana, Han.
_UNSPACED: Final = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff"
    "\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\U00020000-\U0003ffff]+)"
)


class SearchWords(msgspec.Struct, frozen=True):
    """The folded words of a contact by column, each word once."""

    name: tuple[str, ...] = ()
    email: tuple[str, ...] = ()
    phone: tuple[str, ...] = ()
    company: tuple[str, ...] = ()


def search_words(contact: Contact) -> SearchWords:
    """The words to index: at most 2,000, each of 1 to 60 characters.

    Names and companies: each word; words joined by punctuation also as one (`O'Brien` is `o`,
    `brien` and `obrien`); `ä` and its like also as `ae`; runs of a script without blanks also from
    each of their characters on, so that any part of them is the beginning of a word. E-mails: all
    parts of the address. Phones: all digits with and without calling code and national prefix.
    """
    info = contact.info
    phones = [digits for item in info.phones.items for digits in _phone_words(item)]
    if contact.primary_info is not None and contact.primary_info.phone is not None:
        phones.append(phone_digits(fold(contact.primary_info.phone)))
    return SearchWords(
        name=_limited(_words_of_names(info.name.first, info.name.last), _MOST_NAME_WORDS),
        email=_limited(
            (word for item in info.emails.items for word in folded_words(item.email)),
            _MOST_EMAIL_WORDS,
        ),
        phone=_limited(phones, _MOST_PHONE_WORDS),
        company=_limited(_words_of_name(info.company or ""), _MOST_COMPANY_WORDS),
    )


def fold(text: str) -> str:
    """The text in small letters without accents; separators are ASCII, all else is of words."""
    lower = text.lower()
    if "xn--" in lower:
        text = _DOMAIN_LABEL.sub(_decoded_label, text)
        lower = text.lower()
    if text.isascii():
        return lower
    plain = unicodedata.normalize("NFKD", text.translate(APOSTROPHES))
    folded = plain.casefold().translate(_LETTERS)
    signs = map(_folded_sign, unicodedata.normalize("NFKD", folded))
    return unicodedata.normalize("NFC", "".join(signs))


def folded_words(text: str) -> list[str]:
    """The words of a text, cut to 60 characters; scripts without blanks stand apart from others."""
    folded = fold(text)
    words = _WORD.findall(folded)
    if not folded.isascii():
        words = [piece for word in words for piece in split_scripts(word)]
    return [word[:LONGEST_WORD] for word in words]


def split_scripts(word: str) -> list[str]:
    """The runs of scripts with and without blanks in a folded word."""
    return [word] if word.isascii() else [piece for piece in _UNSPACED.split(word) if piece]


def is_unspaced(word: str) -> bool:
    """Whether the word is in a script that puts no blanks between words."""
    return not word.isascii() and _UNSPACED.match(word) is not None


def other_spellings(text: str) -> list[str]:
    """The text, and the text with `ä`, `ö`, `ü`, `ø` and `å` spelled out where it has any."""
    if text.isascii():
        return [text]
    spelled = unicodedata.normalize("NFC", text).lower().translate(_SPELLED_OUT)
    return [text] if fold(spelled) == fold(text) else [text, spelled]


def phone_digits(folded: str) -> str:
    """The digits of a phone without leading zeros and without the `(0)` inside."""
    digits = _NOT_DIGITS.sub("", _TRUNK_ZERO.sub("", folded))
    return digits.lstrip("0")[:LONGEST_WORD]


def _words_of_names(first: str | None, last: str | None) -> list[str]:
    words = [*_words_of_name(first or ""), *_words_of_name(last or "")]
    # Where names have no blanks between them, people search for the whole in one.
    if first and last and is_unspaced(fold(last)) and is_unspaced(fold(first)):
        words += [*_words_of_name(last + first), *_words_of_name(first + last)]
    return words


def _words_of_name(text: str) -> Iterable[str]:
    return _words_of_short_name(text) if len(text) <= LONGEST_WORD else _words_of_any_name(text)


@lru_cache(maxsize=16_384)
def _words_of_short_name(text: str) -> tuple[str, ...]:
    """Kept, because the names of people repeat."""
    return tuple(_words_of_any_name(text))


def _words_of_any_name(text: str) -> Iterator[str]:
    for spelling in other_spellings(text):
        for chunk in fold(spelling).split():
            words = _WORD.findall(chunk)
            for word in words:
                yield from _parts(word)
            if len(words) > 1:
                yield "".join(words)[:LONGEST_WORD]


def _parts(word: str) -> Iterator[str]:
    for piece in split_scripts(word):
        starts = range(len(piece)) if is_unspaced(piece) else (0,)
        for start in starts:
            if start == 0 or piece[start].isalnum():
                yield piece[start : start + LONGEST_WORD]


def _phone_words(item: ContactPhone) -> list[str]:
    folded = fold(item.phone)
    if item.e164_phone is None or item.formatted_phone is None:
        return [phone_digits(folded), *folded_words(folded)]
    digits = item.e164_phone.removeprefix("+")
    calling_code = item.formatted_phone.split(" ", 1)[0].removeprefix("+")
    national = digits.removeprefix(calling_code)
    return [
        digits,
        national.lstrip("0"),
        f"{_national_prefix(calling_code)}{national}".lstrip("0"),
        phone_digits(folded),
    ]


@lru_cache(maxsize=512)
def _national_prefix(calling_code: str) -> str:
    """What is dialled before a number inside its country, such as 8 in Russia."""
    region = phonenumbers.region_code_for_country_code(int(calling_code))
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    return "" if metadata is None else metadata.national_prefix or ""


def _limited(words: Iterable[str], most: int) -> tuple[str, ...]:
    """Each word once, and no more than that."""
    return tuple(dict.fromkeys(filter(None, words)))[:most]


def _folded_sign(sign: str) -> str:
    if sign.isascii() or sign in _VOICING:
        return sign
    if sign.isdecimal():
        return str(int(sign))
    if sign.isalnum():
        return sign
    category = unicodedata.category(sign)
    if category.startswith("M"):  # Accents go; the vowels of Indian and Thai scripts stay.
        return "" if unicodedata.combining(sign) else sign
    return _JOINING.get(category, " ")


def _decoded_label(found: re.Match[str]) -> str:
    """A label of a domain as people read it (RFC 3492)."""
    try:
        return found[0].encode().decode("idna")
    except UnicodeError:
        return found[0]
