"""The page's files are small, plain, and speak of no other machine."""

import re

import pytest

from edgemnist.serve.static import page_files

FILES = {name: file.content.decode() for name, file in page_files().items()}
MODULES = [name for name in FILES if name.endswith(".js")]
MOST_LINES = 400
NAMESPACE = "http://www.w3.org/2000/svg"
"""A name, and no address that anybody asks."""
HOST = re.compile(r"(?:\w+:)?//[a-z0-9]", re.IGNORECASE)


def test_the_page_is_made_of_modules():
    assert {"index.html", "style.css", "main.js"} <= set(FILES)


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_page_is_long(name):
    assert len(FILES[name].splitlines()) <= MOST_LINES


@pytest.mark.parametrize("name", FILES)
def test_no_file_of_the_page_names_another_host(name):
    assert HOST.findall(FILES[name].replace(NAMESPACE, "")) == []


@pytest.mark.parametrize("text", ["https://cdn.example/x.js", "//cdn.example", 'url("http://a.b")', "wss://a"])
def test_another_host_would_be_noticed(text):
    assert HOST.search(text)


def test_nothing_stands_inline_that_the_content_policy_refuses():
    page = FILES["index.html"]
    assert re.findall(r"<style|\bstyle=|\bon\w+=|<script(?![^>]*\bsrc=)|javascript:", page) == []


def test_every_file_and_element_that_a_module_names_is_there():
    ids = set(re.findall(r'\bid="([\w-]+)"', FILES["index.html"]))
    for name in MODULES:
        imported = re.findall(r'from "\./([\w.]+)"', FILES[name])
        named = re.findall(r'(?:place|onClick|getElementById)\("([\w-]+)"', FILES[name])
        assert set(imported) <= set(FILES), name
        assert set(named) <= ids, name


def test_every_module_is_used():
    imported = {used for name in MODULES for used in re.findall(r'from "\./([\w.]+)"', FILES[name])}
    assert imported | {"main.js"} == set(MODULES)
