// The report: the page shows the one document that is in it.

unpacked(byId("record").textContent).then(show).catch((error) => {
  byId("where").textContent = tr("this page could not be drawn: {error}", { error: error.message });
  byId("where").className = "failed";
  throw error;
});
