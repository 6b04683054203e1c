"""A text's language is guessed from its script and its commonest words."""

import pytest

from fmops.text.language import UNKNOWN, guess


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("What is the name of the process where light is produced?", "en"),
        ("Wie heißt der Vorgang, bei dem Licht ohne Wärme entsteht und der die Farbe ändert?", "de"),
        ("Quel est le nom du processus qui produit de la lumière dans les cellules ?", "fr"),
        ("¿Cuál es el nombre del proceso por el que se produce la luz y los colores?", "es"),
        ("Qual è il nome della cosa che si vede nel cielo e come si chiama?", "it"),
        ("Wat is de naam van het proces waarbij een licht wordt gemaakt?", "nl"),
        ("光是什么?", "zh"),
        ("光の名前は何ですか", "ja"),
        ("빛의 이름은 무엇입니까", "ko"),
        ("Как называется процесс?", "Cyrl"),
        ("ما اسم العملية؟", "Arab"),
        ("Πώς λέγεται;", "el"),
        ("12 + 30 = ?", UNKNOWN),
        ("", UNKNOWN),
        ("Zork blorb", UNKNOWN),
    ],
)
def test_guess(text: str, language: str) -> None:
    assert guess(text) == language
