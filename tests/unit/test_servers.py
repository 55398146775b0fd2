"""What happens to a test whose server is not installed."""

import pytest

from tests.contract.servers import absent, program


def test_a_server_that_is_not_installed_skips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AFTERNOTE_REQUIRE_SERVERS", raising=False)
    with pytest.raises(pytest.skip.Exception, match="no-such-server is not installed"):
        program("no-such-server")


def test_a_server_that_is_not_installed_fails_where_servers_are_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AFTERNOTE_REQUIRE_SERVERS", "1")
    with pytest.raises(pytest.fail.Exception, match="it is away"):
        absent("it is away")
