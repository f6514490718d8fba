"""Names of files as a person reads them, whatever system and encoding they come from."""

from __future__ import annotations

import os
import re
import struct
import unicodedata
import zipfile
from pathlib import PurePosixPath
from zlib import crc32

_JUNK_FOLDERS = frozenset({"__MACOSX", "__pycache__", "node_modules", "site-packages"})
_UTF8_FLAG = 0x800
_UNICODE_PATH = 0x7075
_UNSHOWABLE = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def readable(name: str) -> str:
    """The name for people and tables: composed, without what moves a cursor or is no character.

    Bytes of a file's name that are not UTF-8 are tried as GB 18030: a zip file that was packed
    on a Chinese Windows leaves such names on other systems.
    """
    if any("\udc80" <= letter <= "\udcff" for letter in name):
        name = _decoded(os.fsencode(name))
    return _UNSHOWABLE.sub("\ufffd", unicodedata.normalize("NFC", name))


def _decoded(raw: bytes) -> str:
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            pass
    return raw.decode("cp437")


def zip_member_name(info: zipfile.ZipInfo) -> str:
    """The name of a member. Without a mark that it is UTF-8 the format says code page 437, and
    few programs keep to that: UTF-8 and GB 18030 are tried first.
    """
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        raw = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:  # the interpreter has used the Unicode field already
        return info.filename
    return (_unicode_field(info.extra, raw) or _decoded(raw)).partition("\0")[0]


def _unicode_field(extra: bytes, raw: bytes) -> str | None:
    """The name in Info-ZIP's extra field for it, if that is about this name."""
    while len(extra) >= 4:
        kind, length = struct.unpack("<HH", extra[:4])
        content, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == _UNICODE_PATH and len(content) > 5 and content[0] == 1:
            (checksum,) = struct.unpack("<L", content[1:5])
            if checksum == crc32(raw):
                return content[5:].decode("utf-8", "replace")
    return None


def is_junk(name: PurePosixPath) -> bool:
    """What systems and tools leave behind, and no student hands in."""
    return any(part.startswith(".") or part in _JUNK_FOLDERS for part in name.parts)
