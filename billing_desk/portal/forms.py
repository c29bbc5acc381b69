"""What customers type, checked for kindness; the laws are in the operations and in the database."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

#: More than this in one message is an archive, not a question.
MOST_FILES = 10
#: All files of one message together; each single one is judged by intake, which keeps the reason of a refusal.
MOST_BYTES = 60 * 1024 * 1024
LONGEST_TEXT = 20_000


class SignInForm(forms.Form):
    """The address on file."""

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        error_messages={"required": _("Please enter the e-mail address your bills go to.")},
    )


class SeveralFilesInput(forms.ClearableFileInput):
    """A file button for any number of files."""

    allow_multiple_selected = True


class SeveralFilesField(forms.FileField):
    """Any number of files, their count and total size limited."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Return the files; an empty one goes on to intake, which says why it is refused."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(
                _("Please send at most {number} files in one message.").format(number=MOST_FILES)
            )
        if sum(file.size or 0 for file in files) > MOST_BYTES:
            raise forms.ValidationError(_("Together these files are larger than 60 MB. Please send fewer of them."))
        return files


class WritingForm(forms.Form):
    """A customer's words and files. `key` makes a message that is sent twice by a double click one message."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Please write your message first.")},
    )
    uploads = SeveralFilesField(
        label=_("Screenshots or documents"),
        required=False,
        help_text=_("PNG, JPEG, WebP, GIF, PDF, text, Word or Excel, up to 25 MB each."),
    )
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class QuestionForm(WritingForm):
    """A new question; `about` names the line or bill it was asked from."""

    subject = forms.CharField(
        label=_("What is it about?"),
        max_length=200,
        error_messages={"required": _("Please say in a few words what it is about.")},
    )
    about = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    field_order = ["subject", "text", "uploads", "about", "key"]


class CodeForm(forms.Form):
    """The one-time code of a verification."""

    answer = forms.CharField(
        label=_("Your code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "class": "code"}
        ),
        error_messages={"required": _("Please enter the six digits we sent you.")},
    )


class PreferenceForm(forms.Form):
    """How, in which language and when we may write."""

    channel = forms.ChoiceField(
        label=_("How we reach you"),
        choices=[("email", _("E-mail")), ("sms", _("Text message"))],
        widget=forms.RadioSelect,
    )
    quiet_from = forms.TimeField(
        label=_("No messages from"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )
    quiet_until = forms.TimeField(
        label=_("until"), required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
    )

    def __init__(self, *args: Any, has_phone: bool, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = dict(settings.LANGUAGES)
        offered.setdefault(language, language)
        self.fields["language"] = forms.ChoiceField(label=_("Language of our messages"), choices=list(offered.items()))
        self.order_fields(["channel", "language", "quiet_from", "quiet_until"])
        self.has_phone = has_phone

    def clean(self) -> dict[str, Any]:
        """Refuse half of the quiet hours, and text messages without a number to send them to."""
        values = super().clean() or {}
        if bool(values.get("quiet_from")) != bool(values.get("quiet_until")):
            self.add_error("quiet_until", _("Please give both ends of the quiet hours, or neither."))
        if values.get("channel") == "sms" and not self.has_phone:
            self.add_error("channel", _("There is no phone number on file. Please write to us to add one."))
        return values
