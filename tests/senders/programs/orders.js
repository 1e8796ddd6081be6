// A service that requests the stock from another one: `node orders.js` serves on PORT, and STOCK is the other's address.
const express = require("express");
const winston = require("winston");

const logger = winston.createLogger({ transports: [new winston.transports.Console()] });
const app = express();

app.get("/orders/:number", async (request, response) => {
  logger.info("order is looked at", { order: Number(request.params.number) });
  const stock = await fetch(`${process.env.STOCK}/stock/${request.params.number}`);
  response.status(stock.status).send(await stock.text());
});
app.get("/stock/:number", (request, response) => {
  if (request.params.number === "13") {
    logger.error("nothing left", { order: 13 });
    throw new RangeError("nothing left of 13");
  }
  response.json({ left: 2 });
});
app.listen(Number(process.env.PORT), "127.0.0.1", () => console.log("listening"));
