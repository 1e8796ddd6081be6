// rollbar.js in Node sends one exception to the endpoint in its first argument.
const Rollbar = require("rollbar");

const rollbar = new Rollbar({ accessToken: "dummy", endpoint: process.argv[2], environment: "test" });
rollbar.error(new RangeError("nothing left of 13"), { order: 13 });
rollbar.wait(() => process.exit(0));
