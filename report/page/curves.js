// Numbers over time: steps that are exact where there is room, else the least and most of a pixel.

class Steps {
  // `changes` are [instant, difference] in any order.
  constructor(changes) {
    changes.sort((a, b) => a[0] - b[0]);
    const times = [0], values = [0];
    for (const [at, difference] of changes) {
      if (at > times[times.length - 1]) {
        times.push(at);
        values.push(values[values.length - 1]);
      }
      values[values.length - 1] += difference;
    }
    this.times = Float64Array.from(times);
    this.values = Float64Array.from(values);
    this.most = this.values.reduce((most, value) => Math.max(most, value), 0);
  }

  at(instant) {
    return this.values[Math.max(0, upTo(this.times, instant) - 1)];
  }

  // Points of a line between two instants.
  line(from, to, pixels, end, scale) {
    const points = { x: [], y: [] }, width = (to - from) / pixels;
    const add = (x, y) => { points.x.push(x / scale); points.y.push(y); };
    const stop = Math.min(to, end);
    let at = Math.max(0, upTo(this.times, from) - 1);
    add(Math.max(from, 0), this.values[at]);
    while (++at < this.times.length && this.times[at] <= stop) {
      let before = this.values[at - 1], low = before, high = before, last = at;
      const border = this.times[at] + width;
      for (; last < this.times.length && this.times[last] < border; last++) {
        low = Math.min(low, this.values[last]);
        high = Math.max(high, this.values[last]);
      }
      add(this.times[at], before);
      if (last - at > 1) {
        add(this.times[at], low);
        add(this.times[at], high);
      }
      add(this.times[at], this.values[last - 1]);
      at = last - 1;
    }
    if (stop >= Math.max(from, 0)) add(stop, this.at(stop));
    return points;
  }
}

// The share of the cores that run programs, as a mean over pieces of what is seen.
class Busy {
  constructor(run) {
    const changes = [];
    for (let row = 0; row < run.rows; row++) {
      if (run.state[row] === run.code.running) changes.push([run.start[row], 1], [run.end[row], -1]);
    }
    this.steps = new Steps(changes);
    this.cores = run.cores || 1;
    const { times, values } = this.steps;
    this.sums = new Float64Array(times.length); // core time up to each of the times
    for (let i = 1; i < times.length; i++) {
      this.sums[i] = this.sums[i - 1] + values[i - 1] * (times[i] - times[i - 1]);
    }
  }

  until(instant) {
    const at = Math.max(0, upTo(this.steps.times, instant) - 1);
    return this.sums[at] + this.steps.values[at] * (instant - this.steps.times[at]);
  }

  mean(from, to) {
    return to > from ? (this.until(to) - this.until(from)) / (to - from) / this.cores : 0;
  }

  line(from, to, pixels, end, scale) {
    const points = { x: [], y: [] }, width = this.piece(from, to, pixels);
    const stop = Math.min(to, end);
    for (let at = Math.max(0, Math.floor(from / width) * width); at < stop; at += width) {
      const behind = Math.min(at + width, end), value = 100 * this.mean(at, behind);
      points.x.push(at / scale, behind / scale);
      points.y.push(value, value);
    }
    return points;
  }

  // ns over which the mean is taken: 1, 2 or 5 times a power of ten, some 12 pixels.
  piece(from, to, pixels) {
    const least = Math.max(1, (12 * (to - from)) / pixels), power = 10 ** Math.floor(Math.log10(least));
    return [1, 2, 5, 10].map((digit) => digit * power).find((width) => width >= least);
  }
}

function curvesOf(run) {
  const ready = [], programs = [];
  for (let row = 0; row < run.rows; row++) {
    if (run.state[row] === run.code.ready) ready.push([run.start[row], 1], [run.end[row], -1]);
  }
  if (run.memory) {
    for (const [, , , , since, until] of run.memory.stays) {
      programs.push([since, 1]);
      if (until !== null) programs.push([until, -1]);
    }
  } else {
    for (let process = 0; process < run.processes.length; process++) {
      const first = run.first[process], behind = run.first[process + 1];
      if (behind > first) programs.push([run.start[first], 1], [run.end[behind - 1], -1]);
    }
  }
  return { ready: new Steps(ready), programs: new Steps(programs), busy: new Busy(run) };
}
