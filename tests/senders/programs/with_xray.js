// aws-xray-sdk's middleware for Express, as its documentation sets it up; the daemon is AWS_XRAY_DAEMON_ADDRESS.
const xray = require("aws-xray-sdk");
const express = require("express");

xray.middleware.disableCentralizedSampling();
xray.middleware.setSamplingRules({ version: 2, default: { fixed_target: 1, rate: 1 }, rules: [] });
const app = express();
app.use(xray.express.openSegment("node-orders"));
app.get("/orders/:number", (request, response) => {
  const inside = xray.getSegment().addNewSubsegment("look up");
  inside.addAnnotation("order", Number(request.params.number));
  inside.close();
  if (request.params.number === "13") throw new RangeError("nothing left of 13");
  response.json({});
});
app.use(xray.express.closeSegment());
app.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
