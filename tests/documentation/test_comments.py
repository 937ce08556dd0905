"""The comments behind commands are translated; commands, and blocks of other languages, are not."""

from __future__ import annotations

from tools.documentation.comments import comments, with_comments

PAGE = """\
# Title

```sh
# above a command
make run    # behind it
curl https://example.org/#part
```

1. In a list:

   ```sh
   make test   # inside
   ```

```yaml
# first.yaml
title: A scenario # its name
```
"""


def test_comments_of_commands_are_found_in_order() -> None:
    assert comments(PAGE) == ["above a command", "behind it", "inside"]


def test_a_command_stays_as_it_is() -> None:
    block = "make run    # behind it\ncurl https://example.org/#part\n"
    assert with_comments(block, {"behind it": "在后面"}.__getitem__) == (
        "make run    # 在后面\ncurl https://example.org/#part\n"
    )
