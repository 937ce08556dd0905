// Asks the model on this machine's server, by the same questions as the worker of the site is asked.
// The server hands this file out as model.js.

import { request } from "./request.js";

export class Model {
  // `told` gets what the model is; see model.js.
  constructor(told) {
    this.told = told;
    told("ready");
  }

  ask(question) {
    return request("ask", "POST", question);
  }
}
