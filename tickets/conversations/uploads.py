"""Decides whether a file may be kept, by what its bytes are and not by what it is called. Pure.

The order is: size, true type, does the name agree, is it harmless inside; then pictures are written anew without the
place, camera and thumbnails they carry.
"""

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from ledger.errors import DomainError
from tickets.conversations.file_types import ALLOWED, EXTENSIONS, sniff_type
from tickets.conversations.packed_files import find_danger_in_office_file, find_danger_in_pdf

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_FRAMES = 200
MAX_NAME_CHARS = 120
TEXT_EXTENSIONS = {"txt", "log", "md"}
PICTURES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
DANGEROUS_LETTERS = re.compile(r"[\\/:*?\"<>|%$`';&#{}\[\]~^]+")
DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)


class UploadRefused(DomainError):
    """The file cannot be accepted; the message says why and what would help."""


class FileEmpty(UploadRefused):
    """The file holds nothing."""


class FileTooLarge(UploadRefused):
    """The file is larger than 25 MB."""


class FileTypeNotAllowed(UploadRefused):
    """Files of this type are not accepted."""


class FileNameMisleading(UploadRefused):
    """The file is something else than its name says."""


class FileDangerous(UploadRefused):
    """The file holds something that runs, or that would grow without bounds when opened."""


class FileDamaged(UploadRefused):
    """The file cannot be opened."""


@dataclass(frozen=True)
class CleanUpload:
    """A file that may be stored: safe name, the type we saw (not the one declared), bytes without metadata."""

    name: str
    media_type: str
    content: bytes
    sha256: str


def check_upload(name: str, declared_type: str, content: bytes) -> CleanUpload:
    """Return the file as it may be stored. `sha256` is that of the cleaned content.

    :raises UploadRefused: in the subclass named after the reason
    """
    shown = clean_name(name)
    if not content:
        raise FileEmpty(f"{shown} is empty.")
    if len(content) > MAX_BYTES:
        raise FileTooLarge(f"{shown} is larger than 25 MB. Please send a smaller one.")
    media_type = _true_type(shown, declared_type, content)
    danger = _danger(media_type, content)
    if danger:
        raise FileDangerous(f"{shown} is refused: {danger}")
    if media_type in PICTURES:
        content = _rewrite_picture(shown, media_type, content)
    return CleanUpload(_with_extension(shown, media_type), media_type, content, hashlib.sha256(content).hexdigest())


def clean_name(name: str) -> str:
    """Return the last part of a path without control, invisible and direction-changing letters, never a device name."""
    plain = unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode("utf-8"))
    plain = re.split(r"[\\/]", plain)[-1]
    plain = "".join(
        " " if letter.isspace() else letter
        for letter in plain
        if letter.isspace() or unicodedata.category(letter) not in _UNSEEN
    )
    plain = re.sub(r"\s+", " ", DANGEROUS_LETTERS.sub("_", plain)).strip(" .")
    if DEVICES.fullmatch(plain):
        plain = f"_{plain}"
    stem, dot, extension = plain.rpartition(".")
    if len(plain) > MAX_NAME_CHARS:
        plain = f"{stem[: MAX_NAME_CHARS - 10]}{dot}{extension[:9]}" if dot else plain[:MAX_NAME_CHARS]
    return plain or "file"


_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn"}


def _true_type(name: str, declared_type: str, content: bytes) -> str:
    """Return the media type of the bytes, if it is an allowed one and the name and the sender do not deny it."""
    seen = sniff_type(content, name, declared_type)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    expected = "text/plain" if extension in TEXT_EXTENSIONS else EXTENSIONS.get(extension, "")
    if expected and expected != seen:
        raise FileNameMisleading(f"{name} is refused: it is not what its name says, but {seen or 'unknown content'}.")
    if seen not in ALLOWED or (extension and not expected):
        raise FileTypeNotAllowed(
            f"{name} is refused: files of this type ({seen or 'unknown'}) are not accepted. "
            "Please send a picture (PNG, JPEG, WebP, GIF), PDF, text, CSV, e-mail, Word or Excel file."
        )
    return seen


def _danger(media_type: str, content: bytes) -> str:
    if media_type.startswith("application/vnd.openxml"):
        return find_danger_in_office_file(content)
    return find_danger_in_pdf(content) if media_type == "application/pdf" else ""


def _with_extension(name: str, media_type: str) -> str:
    return name if "." in name else f"{name}.{ALLOWED[media_type]}"


def _rewrite_picture(name: str, media_type: str, content: bytes) -> bytes:
    """Return the picture turned upright and anew, without place, camera, comments or anything behind its end."""
    try:
        with Image.open(BytesIO(content), formats=[PICTURES[media_type]]) as picture:
            frames = getattr(picture, "n_frames", 1)
            if picture.width * picture.height * frames > MAX_PIXELS * 4 or picture.width * picture.height > MAX_PIXELS:
                raise FileDangerous(f"{name} is refused: opened, the picture would have too many pixels.")
            if frames > MAX_FRAMES:
                raise FileDangerous(f"{name} is refused: it has more than {MAX_FRAMES} frames.")
            return _written(picture, media_type, is_moving=frames > 1)
    except Image.DecompressionBombError as bomb:
        raise FileDangerous(f"{name} is refused: opened, the picture would have too many pixels.") from bomb
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError) as damage:
        raise FileDamaged(f"{name} cannot be opened as a picture. Please send it again.") from damage


def _written(picture: Image.Image, media_type: str, *, is_moving: bool) -> bytes:
    out = BytesIO()
    if is_moving and media_type in {"image/gif", "image/webp", "image/png"}:
        picture.info = {
            key: value for key, value in picture.info.items() if key in {"duration", "loop", "transparency"}
        }
        picture.save(out, PICTURES[media_type], save_all=True, exif=b"", comment=b"")
        return out.getvalue()
    upright = ImageOps.exif_transpose(picture)
    upright.info = {key: value for key, value in upright.info.items() if key == "transparency"}
    if media_type == "image/jpeg":
        upright = upright if upright.mode in {"L", "RGB", "CMYK"} else upright.convert("RGB")
        upright.save(out, "JPEG", quality=90, exif=b"")
    else:
        upright.save(out, PICTURES[media_type], **({"lossless": True} if media_type == "image/webp" else {}))
    return out.getvalue()
