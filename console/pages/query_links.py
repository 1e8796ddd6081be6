"""Link a query to the vendors' own consoles, for configured accounts.

Honeycomb: docs.honeycomb.io/investigate/collaborate/share-query ("Query Template Links"). AWS documents no links to its
  console. vendor_links.py explains the link to Logs Insights. X-Ray's filter expressions have no link.
"""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from pages.vendor_links import Accounts, insights_url
from queries.vendor_words import Translation
from query_run import QueryRun


def query_links(words: Sequence[Translation], query_run: QueryRun, accounts: Accounts) -> dict[str, str]:
    """Return the URLs by vendor.

    Vendors are left out if their query language can't express the query.
    """
    texts = {translation.vendor: translation.text for translation in words if translation.text}
    made = {}
    if "Honeycomb" in texts and accounts.honeycomb_team and accounts.honeycomb_environment:
        dataset = accounts.honeycomb_dataset or query_run.selection.filters.service or "__all__"
        names = (accounts.honeycomb_team, accounts.honeycomb_environment, dataset)
        team, environment, dataset = (quote(name, safe="") for name in names)
        place = f"{accounts.honeycomb_ui}/{team}/environments/{environment}/datasets/{dataset}"
        made["Honeycomb"] = f"{place}?{urlencode({'query': texts['Honeycomb']})}"
    if "Logs Insights" in texts and accounts.aws_region:
        buckets = query_run.result.buckets
        start, end = buckets.start_ns // 10**9, -(-buckets.end_ns // 10**9)
        made["Logs Insights"] = insights_url(texts["Logs Insights"], accounts.log_group, start, end, accounts)
    return made
