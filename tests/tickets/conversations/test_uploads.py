"""Which files are kept, under which name, and what is taken out of them first."""

import zipfile
from hashlib import sha256
from io import BytesIO

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tickets.conversations.uploads import (
    FileDamaged,
    FileDangerous,
    FileEmpty,
    FileNameMisleading,
    FileTooLarge,
    FileTypeNotAllowed,
    UploadRefused,
    check_upload,
)

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\n%%EOF"
WORD = {"[Content_Types].xml": "<Types/>", "word/document.xml": "<w:document/>"}
MEGABYTES_25 = 25 * 1024 * 1024


def secret_exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif[0x0112] = 6  # lying on its side
    return exif


def picture(kind: str, **options: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, kind, **options)
    return out.getvalue()


def archive(files: dict[str, str]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name, content)
    return out.getvalue()


def secret_png() -> bytes:
    note = PngInfo()
    note.add_text("Author", "Secret")
    return picture("PNG", pnginfo=note, exif=secret_exif()) + b"Secret behind the end"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.jpg", picture("JPEG", exif=secret_exif(), comment=b"Secret")),
        ("a.png", secret_png()),
        ("a.webp", picture("WEBP", exif=secret_exif(), xmp=b"<x>Secret</x>")),
        ("a.gif", picture("GIF", comment=b"Secret")),
    ],
)
def test_a_picture_is_kept_without_what_it_says_about_its_maker(name: str, content: bytes) -> None:
    assert b"Secret" in content

    upload = check_upload(name, "application/octet-stream", content)

    assert b"Secret" not in upload.content
    assert upload.sha256 == sha256(upload.content).hexdigest()
    assert Image.open(BytesIO(upload.content)).getpixel((5, 5)) is not None


def test_a_picture_lying_on_its_side_is_turned_upright() -> None:
    upload = check_upload("a.jpg", "image/jpeg", picture("JPEG", exif=secret_exif()))

    assert Image.open(BytesIO(upload.content)).size == (30, 40)


def test_a_moving_picture_keeps_moving() -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=50)

    upload = check_upload("a.gif", "image/gif", out.getvalue())

    assert getattr(Image.open(BytesIO(upload.content)), "n_frames", 1) == 3


@pytest.mark.parametrize(
    ("name", "declared", "content", "media_type"),
    [
        ("a.pdf", "", PDF, "application/pdf"),
        ("a.txt", "text/html", "Grüße".encode("cp1252"), "text/plain"),
        ("a.csv", "text/plain", b"a,b\n1,2\n", "text/csv"),
        ("a.txt", "text/plain", b"Look: <script>alert(1)</script>", "text/plain"),
        ("a.eml", "message/rfc822", b"From: a@b.example\r\nSubject: x\r\n\r\nHello", "message/rfc822"),
        ("a.docx", "", archive(WORD), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
def test_the_type_is_what_the_bytes_are(name: str, declared: str, content: bytes, media_type: str) -> None:
    upload = check_upload(name, declared, content)

    assert (upload.media_type, upload.name) == (media_type, name)


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("a.png", b"<html><script>alert(1)</script></html>", FileNameMisleading),
        ("a.txt", b"<!DOCTYPE html><script>alert(1)</script>", FileNameMisleading),
        ("a.png", picture("JPEG"), FileNameMisleading),
        ("a.jpg", PDF, FileNameMisleading),
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', FileTypeNotAllowed),
        ("a.html", b"hello", FileTypeNotAllowed),
        ("a.exe", b"MZ" + b"\0" * 99, FileTypeNotAllowed),
        ("a.zip", archive({"a": "b"}), FileTypeNotAllowed),
        ("a.docx", archive({"a": "b"}), FileNameMisleading),
        ("a.docx", archive(WORD | {"word/vbaProject.bin": "x"}), FileDangerous),
        ("a.docx", archive(WORD | {"word/inner.zip": "x"}), FileDangerous),
        ("a.docx", archive(WORD | {"word/big.xml": "0" * 30_000_000}), FileDangerous),
        ("a.docx", archive(WORD | {"../evil.xml": "x"}), FileDangerous),
        ("a.pdf", b"%PDF-1.4\n/J#61vaScript (x)\n%%EOF", FileDangerous),
        ("a.jpg", picture("JPEG")[:200], FileDamaged),
        ("a.txt", b"", FileEmpty),
    ],
)
def test_what_is_not_what_it_seems_is_refused(name: str, content: bytes, refusal: type[UploadRefused]) -> None:
    with pytest.raises(refusal, match=name.replace(".", r"\.")):
        check_upload(name, "image/png", content)


def test_an_office_file_may_link_to_a_page_but_not_load_a_template_from_afar() -> None:
    relation = (
        "<Relationships>"
        '<Relationship Type="http://s/{}" Target="http://x.example/" TargetMode="External"/></Relationships>'
    )

    assert check_upload("a.docx", "", archive(WORD | {"word/_rels/document.xml.rels": relation.format("hyperlink")}))
    with pytest.raises(FileDangerous, match="foreign address"):
        check_upload(
            "a.docx", "", archive(WORD | {"word/_rels/settings.xml.rels": relation.format("attachedTemplate")})
        )


def test_a_picture_with_too_many_pixels_is_refused() -> None:
    out = BytesIO()
    Image.new("1", (8_000, 8_000)).save(out, "PNG")

    with pytest.raises(FileDangerous, match="pixels"):
        check_upload("a.png", "image/png", out.getvalue())


def test_twenty_five_megabytes_are_kept_and_one_byte_more_is_refused() -> None:
    assert check_upload("a.txt", "text/plain", b"x" * MEGABYTES_25).name == "a.txt"
    with pytest.raises(FileTooLarge, match="25 MB"):
        check_upload("a.txt", "text/plain", b"x" * (MEGABYTES_25 + 1))


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\bill.txt", "bill.txt"),
        ("bill\u202etxt.b\x00.txt", "billtxt.b.txt"),
        ("con.txt", "_con.txt"),
        ("a\nb;rm -rf.txt", "a b_rm -rf.txt"),
        ("", "file.txt"),
        ("...", "file.txt"),
        ("Rechnung März.txt", "Rechnung März.txt"),
    ],
)
def test_a_dangerous_name_is_made_safe(name: str, clean: str) -> None:
    assert check_upload(name, "text/plain", b"hello").name == clean
