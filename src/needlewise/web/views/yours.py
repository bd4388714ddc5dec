"""Yours to keep: language and passphrase, backups, export and import, a report to print, other people, and leaving."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from needlewise.errors import InputError
from needlewise.web.access import Asked
from needlewise.web.forms import plain
from needlewise.web.forms.doors import PassphraseForm
from needlewise.web.models import Backup, Entry, Person
from needlewise.web.services import backups, export
from needlewise.web.services.leaving import delete_everything
from needlewise.web.services.report import report_of
from needlewise.web.spoken import refusal

DELETE = lazy("delete")
BACKUPS_A_PAGE = 6


class SettingsForm(plain.ModelForm):
    """Name, language, and whether titles give anything away."""

    class Meta:
        model = Person
        fields = ("name", "language", "discreet")
        labels = {  # noqa: RUF012 - Django reads it as it is
            "name": lazy("Name"),
            "language": lazy("Language"),
            "discreet": lazy("Discreet titles in calendars and windows"),
        }

    def __init__(self, *args: Any, **how: Any) -> None:
        super().__init__(*args, **how)
        self.fields["language"] = forms.ChoiceField(
            label=lazy("Language"), required=False, choices=[("", _("As the browser says")), *settings.LANGUAGES]
        )


class SealForm(plain.Form):
    """A backup's passphrase, if one is wanted."""

    passphrase = forms.CharField(
        label=lazy("Passphrase, if you want one"), required=False, max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=lazy("With it, nobody else can read the backup. Nobody can restore it without it, you neither."),
    )  # fmt: skip


class RestoreForm(plain.Form):
    """A backup to go back to."""

    file = forms.FileField(label=lazy("Backup file"))
    passphrase = forms.CharField(
        label=lazy("Its passphrase, if it has one"), required=False, max_length=200, strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    sure = forms.BooleanField(label=lazy("Replace everything that is here now"))


class ImportForm(plain.Form):
    """An export to bring in."""

    file = forms.FileField(label=lazy("Export file"))


class NewPersonForm(plain.Form):
    """Somebody else on this machine."""

    name = forms.SlugField(label=lazy("Name to sign in with"), max_length=40)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if User.objects.filter(username__iexact=name).exists():
            raise forms.ValidationError(_("This name is taken. Choose another one."))
        return name


class DeleteForm(plain.Form):
    """A word typed by hand, so that nobody deletes by a slip."""

    word = forms.CharField(label=lazy("Type the word: delete"), max_length=20)
    backups_too = forms.BooleanField(
        label=lazy("Delete the backups as well; they hold these records"), required=False, initial=True
    )

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"]).strip().lower()
        if word not in ("delete", str(DELETE).lower()):
            raise forms.ValidationError(_("Type “%(word)s” to delete everything, or go back.") % {"word": DELETE})
        return word


def yours(request: Asked) -> HttpResponse:
    return TemplateResponse(request, "needlewise/yours/index.html")


def settings_page(request: Asked) -> HttpResponse:
    form = SettingsForm(request.POST or None, instance=request.person)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("yours")
    return _form(request, form, _("Name and language"))


@sensitive_post_parameters()
def passphrase(request: Asked) -> HttpResponse:
    form = PassphraseForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        update_session_auth_hash(request, form.save())
        messages.success(request, _("From now on you can sign in with “%(name)s” and this passphrase.") % {"name": request.user})
        return redirect("yours")
    return _form(request, form, _("Passphrase"))


def _owner_only(request: Asked) -> None:
    """Backups hold everybody's records: only whoever runs this machine may take or restore one."""
    if not request.user.is_superuser:
        raise PermissionDenied


@sensitive_post_parameters()
def backup_page(request: Asked) -> HttpResponse:
    _owner_only(request)
    seal, restore = SealForm(), RestoreForm()
    if request.method == "POST" and "restore" in request.POST:
        restore = RestoreForm(request.POST, request.FILES)
        if restore.is_valid() and (done := _restored(request, restore)):
            return done
    elif request.method == "POST":
        seal = SealForm(request.POST)
        if seal.is_valid():
            try:
                backups.back_up(seal.cleaned_data["passphrase"])
            except InputError as error:
                seal.add_error(None, refusal(error))
            else:
                messages.success(request, _("Backed up. Keep a copy on another disk: this one lies on the same."))
                return redirect("backups")
    page = Paginator(Backup.objects.all(), BACKUPS_A_PAGE).get_page(request.GET.get("page"))
    shown = {"seal": seal, "restore": restore, "page": page}
    wrong = seal.errors or restore.errors
    return TemplateResponse(request, "needlewise/yours/backups.html", shown, status=422 if wrong else 200)


def _restored(request: Asked, form: RestoreForm) -> HttpResponse | None:
    name = request.user.username
    try:
        photos = backups.restore(Path(form.cleaned_data["file"].temporary_file_path()), form.cleaned_data["passphrase"])
    except InputError as error:
        form.add_error("file", refusal(error))
        return None
    user = User.objects.filter(username=name).first() or User.objects.filter(is_superuser=True).first()
    if user is None:
        logout(request)
        return redirect("sign-in")
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    messages.success(request, _("Restored, with %(n)d photos.") % {"n": photos})
    return redirect("today")


def backup_file(request: Asked, pk: UUID) -> FileResponse:
    _owner_only(request)
    backup = get_object_or_404(Backup, pk=pk)
    return FileResponse(backups.file_of(backup).open("rb"), as_attachment=True, filename=backup.name)


@require_POST
def backup_delete(request: Asked, pk: UUID) -> HttpResponse:
    _owner_only(request)
    backups.delete(get_object_or_404(Backup, pk=pk))
    return redirect("backups")


@require_POST
def export_file(request: Asked) -> FileResponse:
    """Everything of this person as one zip; the file on disk has no name any more once it is open."""
    style = (settings.HERE / "static" / "report.css").read_text(encoding="utf-8")  # the page must stand alone in the zip
    page = render_to_string("needlewise/yours/report.html", {"report": report_of(request.person), "style": style}, request)
    with tempfile.NamedTemporaryFile(dir=settings.HOME, suffix=".zip", delete=False) as made:
        target = Path(made.name)
    try:
        export.archive(request.person, target, page)
        opened = target.open("rb")
    finally:
        target.unlink()
    return FileResponse(opened, as_attachment=True, filename=f"needlewise-{timezone.localdate():%Y-%m-%d}.zip")


def import_page(request: Asked) -> HttpResponse:
    form = ImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            counts = export.bring_in(request.person, Path(form.cleaned_data["file"].temporary_file_path()))
        except InputError as error:
            form.add_error("file", refusal(error))
        else:
            messages.success(
                request,
                _("Brought in: %(sessions)d sessions, %(photos)d photos, %(devices)d devices.")
                % {"sessions": counts["session"], "photos": counts["photo"], "devices": counts["device"]},
            )
            return redirect("yours")
    return _form(request, form, _("Bring in an export"), upload=True)


def report(request: Asked) -> HttpResponse:
    return TemplateResponse(request, "needlewise/yours/report.html", {"report": report_of(request.person)})


def people(request: Asked) -> HttpResponse:
    _owner_only(request)
    form = NewPersonForm(request.POST or None)
    link = ""
    if request.method == "POST" and form.is_valid():
        user = User.objects.create_user(form.cleaned_data["name"])
        link = request.build_absolute_uri(reverse("enter", args=[Entry.new(user)]))
        form = NewPersonForm()
    shown = {"form": form, "link": link, "users": User.objects.order_by("date_joined")}
    return TemplateResponse(request, "needlewise/yours/people.html", shown, status=422 if form.errors else 200)


@require_POST
def person_link(request: Asked, pk: int) -> HttpResponse:
    """A new one-time link for somebody who has lost theirs."""
    _owner_only(request)
    link = request.build_absolute_uri(reverse("enter", args=[Entry.new(get_object_or_404(User, pk=pk))]))
    shown = {"form": NewPersonForm(), "link": link, "users": User.objects.order_by("date_joined")}
    return TemplateResponse(request, "needlewise/yours/people.html", shown)


def leave(request: Asked) -> HttpResponse:
    form = DeleteForm(request.POST or None)
    if not request.user.is_superuser:
        del form.fields["backups_too"]
    if request.method == "POST" and form.is_valid():
        person = request.person
        delete_everything(person, form.cleaned_data.get("backups_too", False))
        logout(request)
        return TemplateResponse(request, "needlewise/yours/gone.html", {"person": None})
    kept = Backup.objects.count()
    shown = {"form": form, "kept": kept}
    return TemplateResponse(request, "needlewise/yours/leave.html", shown, status=422 if form.errors else 200)


def _form(request: Asked, form: Any, title: str, upload: bool = False) -> HttpResponse:
    shown = {"form": form, "title": title, "upload": upload}
    return TemplateResponse(request, "needlewise/yours/form.html", shown, status=422 if form.errors else 200)


urlpatterns = [
    path("", yours, name="yours"),
    path("settings/", settings_page, name="settings"),
    path("passphrase/", passphrase, name="passphrase"),
    path("backups/", backup_page, name="backups"),
    path("backups/<uuid:pk>/file/", backup_file, name="backup-file"),
    path("backups/<uuid:pk>/delete/", backup_delete, name="backup-delete"),
    path("export/", export_file, name="export"),
    path("import/", import_page, name="import"),
    path("report/", report, name="report"),
    path("people/", people, name="people"),
    path("people/<int:pk>/link/", person_link, name="person-link"),
    path("leave/", leave, name="leave"),
]
