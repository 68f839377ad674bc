"""docs/scale.md is what benchmarks/scale.py says."""

import pytest
import scale


def test_the_table_is_up_to_date(root):
    page = (root / "docs" / "scale.md").read_text(encoding="utf-8")
    command = "python benchmarks/scale.py --page docs/scale.md"
    assert page == scale.with_table(page, scale.table(tflops=400, price=3)), f"Run {command}"


@pytest.mark.parametrize(
    "name",
    [
        "0.3b",
        pytest.param("sapiens2-0.4b", marks=pytest.mark.exhaustive),
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in scale.PASS_TFLOP
            if name not in ("sapiens2-0.4b", "0.3b")
        ),
    ],
)
@pytest.mark.exhaustive
def test_operations_are_those_of_the_networks(name):
    assert scale.count_operations(name) == pytest.approx(scale.PASS_TFLOP[name], abs=0.005)


def test_bytes_of_a_person():
    sizes = scale.bytes_per_person(17, people=8)
    assert 17 * 3 * 4 < sizes["parquet"] < 3000
    assert 1000 < sizes["json"] < 10_000
