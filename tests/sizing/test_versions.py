import re

from eda.sizing.versions import versions


def test_versions_name_every_package_that_a_search_depends_on():
    found = versions()
    assert {"analog-eda", "botorch", "cma", "pymoo", "torch"} <= found.keys()
    assert all(re.match(r"\d+\.\d+", one) for one in found.values())
