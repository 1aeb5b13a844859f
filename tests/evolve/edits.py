"""Edits of the model's files: (path, text), (path, None) to remove it, or (path, text -> text)."""


def replace(path, *pairs):
    """Each (before, after) once; before has to be there."""
    def change(text):
        for before, after in pairs:
            assert before in text, f"{path} does not hold {before!r}"
            text = text.replace(before, after, 1)
        return text
    return path, change


def add(path, text):
    return path, text


def append(path, text):
    """A further document."""
    return path, lambda before: before + "---\n" + text


def drop(path):
    return path, None
