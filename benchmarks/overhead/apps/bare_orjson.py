"""The bare app, its responses written as the API's are: how much of what Cruddur adds is spared there."""

from json_responses import JSONResponses
from overhead.apps import bare

app = bare.app
app.json = JSONResponses(app)
finish = bare.finish
