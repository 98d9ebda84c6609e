"""The page's files: sent whole once, packed where that helps, and not again while they are the same."""

import gzip

import pytest

from moodtune.errors import NotFoundError
from moodtune.serving import pages
from moodtune.serving.pages import page_answer, page_files


@pytest.fixture
def files(tmp_path, monkeypatch):
    folder = tmp_path / "page"
    (folder / "fonts").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>" + "a" * 500)
    (folder / "app.js").write_text("export {};")
    (folder / "fonts" / "a.woff2").write_bytes(b"wOF2" + b"a" * 500)
    (folder / "__init__.py").write_text("")
    monkeypatch.setattr(pages.resources, "files", lambda _: tmp_path)
    return page_files()


def answer(files, name, *, known=None, takes_packed=False):
    found = page_answer(files, name, known=known, takes_packed=takes_packed)
    return found, dict(found.headers.items())


def test_every_file_but_python_is_served(files):
    assert set(files) == {"index.html", "app.js", "fonts/a.woff2"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"), ("app.js", "text/javascript; charset=utf-8"),
        ("fonts/a.woff2", "font/woff2"),
    ],
)  # fmt: skip
def test_a_file_has_its_type_and_a_tag(files, name, kind):
    found, headers = answer(files, name)
    assert headers["content-type"] == kind
    assert headers["cache-control"] == "no-cache"
    assert found.body == files[name].body
    again, _ = answer(files, name, known=headers["etag"])
    assert (again.status_code, again.body) == (304, b"")
    assert answer(files, name, known='"other"')[0].status_code == 200


def test_text_is_packed_for_who_takes_it_and_where_that_is_less(files):
    found, headers = answer(files, "index.html", takes_packed=True)
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(found.body) == files["index.html"].body
    for name in ("app.js", "fonts/a.woff2"):  # as small as it gets, packed already
        assert "content-encoding" not in answer(files, name, takes_packed=True)[1]


@pytest.mark.parametrize("name", ["", "none", "../app.js", "fonts", "__init__.py"])
def test_nothing_else_is_served(files, name):
    with pytest.raises(NotFoundError, match="the page has no file of that name"):
        page_answer(files, name, known=None, takes_packed=False)
