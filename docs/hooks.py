"""Let the website contain what the pages link to outside docs/.

On the repository's own pages, a link such as ../backend-flask/app.py opens the file. The website has no repository
behind it, so it gets a copy: a Markdown file becomes a page, any other file is copied as text, and a folder becomes a
page that lists its files.
"""

import posixpath
import re
import subprocess
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
PAGES = ("sametrace/README.md", "CONTRIBUTING.md", "CHANGELOG.md")
SOURCE = "source"
FENCE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?://|mailto:|#)([^)\s#]+)(#[^)\s]*)?\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages outside docs/, and what any page links to."""
    for path in PAGES:
        files.append(File.generated(config, path, content=(ROOT / path).read_text(encoding="utf-8")))
    for file in files.documentation_pages():
        for link, _ in LINK.findall(FENCE.sub("", file.content_string)):
            add(target(file.src_uri, link), files, config)
    return files


def add(path: str, files: Files, config: MkDocsConfig) -> None:
    uri = in_site(path)
    if files.get_file_from_path(uri):
        return
    if (ROOT / path).is_dir():
        for listed in files_in(path):
            add(listed, files, config)
        content = "".join(f"- [{listed}]({posixpath.relpath(listed, path)})\n" for listed in files_in(path))
        files.append(File.generated(config, uri, content=f"# {path}/\n\n{content}"))
    elif (ROOT / path).is_file():
        files.append(File.generated(config, uri, content=(ROOT / path).read_bytes()))


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point the links to the copies in the website."""
    here = posixpath.dirname(page.file.src_uri)

    def moved(link: re.Match[str]) -> str:
        uri = in_site(target(page.file.src_uri, link[1]))
        return f"]({posixpath.relpath(uri, here)}{link[2] or ''})"

    outside = LINK.sub(moved, FENCE.sub(lambda fence: fence[0].replace("](", "]\0("), markdown))
    return outside.replace("]\0(", "](")


def target(page_uri: str, link: str) -> str:
    """Return the path in the repository that a page's link leads to."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(in_repository(page_uri)), link))


def in_repository(uri: str) -> str:
    if uri in PAGES:
        return uri
    if uri.startswith(f"{SOURCE}/"):
        return uri.removeprefix(f"{SOURCE}/").removesuffix("README.md") + "README.md"
    return f"docs/{uri}"


def in_site(path: str) -> str:
    """Return the URI in the website of a path in the repository."""
    if path in PAGES:
        return path
    if path == "docs" or path.startswith("docs/"):
        inside = posixpath.relpath(path, "docs")
        return posixpath.normpath(f"{inside}/README.md") if (ROOT / path).is_dir() else inside
    if (ROOT / path).is_dir():
        return f"{SOURCE}/{path}/README.md"
    # Browsers show a .txt file, and download a .py file.
    return "README.md" if path == "README.md" else f"{SOURCE}/{path}.txt"


def files_in(folder: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--", folder], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return listed.stdout.splitlines()
