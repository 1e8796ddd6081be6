"""The bare app with the API's JSON provider.

It shows how much time orjson saves.
"""

from json_responses import JSONResponses
from overhead.apps import bare

app = bare.app
app.json = JSONResponses(app)
finish = bare.finish
