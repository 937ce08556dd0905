// How the site's search weighs what it finds: pages that explain come before those that record.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, , , , score]) => {
    const record = /^(decisions|changes|contributing|architecture|reliability|performance|fidelity|textbook)$/;
    const first = /^(start|how-to)\//;
    return score + (first.test(page) ? 1 : record.test(page) ? -3 : page === "index" ? -4 : 0);
  },
};
