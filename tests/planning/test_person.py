"""What a person tells is read by the names they know."""

import pytest

from needlewise.planning.person import medicine_class


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Isotretinoína 20 mg", "isotretinoin"), ("isotretinoina", "isotretinoin"), ("ácido acetilsalicílico", "anticoagulant"),
        ("Aspirina", "anticoagulant"), ("metotrexato", "immunosuppressant"), ("tretinoína 0,05 % crema", "topical-retinoid"),
        ("doxiciclina", "photosensitiser"), ("insulina", "insulin-or-diabetes-drug"), ("la píldora", "contraceptive"),
        ("Levotiroxina 50", "no-rule"), ("algo que nadie conoce", ""),
    ],
)  # fmt: skip
def test_a_medicine_is_known_by_its_spanish_name(name: str, known: str) -> None:
    assert medicine_class(name) == known
