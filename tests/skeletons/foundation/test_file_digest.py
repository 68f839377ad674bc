"""The SHA-256 of files."""

import hashlib

import pytest
from comfyui_sapiens_pose.skeletons.foundation.file_digest import BLOCK_BYTES, file_sha256


@pytest.mark.parametrize("content", [b"", b"a", b"ab" * BLOCK_BYTES], ids=["empty", "one", "many"])
def test_the_digest_is_that_of_the_content(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    assert file_sha256(tmp_path / "file") == hashlib.sha256(content).hexdigest()


def test_what_check_raises_after_a_block_ends_the_reading(tmp_path):
    (tmp_path / "file").write_bytes(bytes(3 * BLOCK_BYTES))
    blocks = []

    def cancel():
        blocks.append(1)
        if len(blocks) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        file_sha256(tmp_path / "file", cancel)
    assert len(blocks) == 2


def test_a_folder_has_none(tmp_path):
    with pytest.raises(ValueError, match="not a regular file"):
        file_sha256(tmp_path)
