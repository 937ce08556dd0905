// How the site's search orders what it finds: by how much each page is about the words (WEIGHTS).
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
    const query = new URLSearchParams(window.location.search).get("q") || "";
    const words = splitQuery(query.toLowerCase()).flatMap((word) => word.split("_"));
    const stems = words.filter((word) => word && !stopwords.has(word));
    const stemmer = new Stemmer();
    const weights = stems.map((word) => (WEIGHTS[stemmer.stemWord(word)] || {})[page] || 0);
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / Math.max(1, weights.length);
    return Math.round(score / 5 + 100 * mean);
  },
};
