"""Signing in, and the passphrase for it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm
from django.contrib.auth.models import User
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from needlewise.web.forms.plain import Plainly


class SignInForm(Plainly, AuthenticationForm):
    """A name and a passphrase."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        longest = User._meta.get_field("username").max_length
        self.fields["username"].validators.append(MaxLengthValidator(longest))  # Django tells the browser alone


class PassphraseForm(Plainly, SetPasswordForm):
    """A new passphrase, twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        first, again = self.fields["new_password1"], self.fields["new_password2"]
        first.label, again.label, again.help_text = _("New passphrase"), _("The new passphrase once more"), ""
