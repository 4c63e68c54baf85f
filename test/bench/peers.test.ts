/** Rows beside peers: ratios to the library's own, first outputs, and the page that says what was reached. */
import t from 'tap';
import { peerAims, peersMarkdown } from '../../bench/report/peers.js';
import { noResults } from '../../bench/results.js';
import { names } from '../../bench/withPeers/field.js';
import { coldRatio, withRatios } from '../../bench/withPeers/ratios.js';
import { sampleRow } from '../../bench/sampleRow.js';
import type { Row } from '../../bench/work.js';

const row = (work: string, engine: string, seconds: number, more?: Partial<Row>): Row =>
  sampleRow(work, engine, 2, seconds, more);

const measured = withRatios({
  rows: [
    row('language', names.ours, 2, { coldSeconds: 4, readSeconds: 1 }),
    row('language', names.eager, 3),
    row('language', names.exported, 1.9),
  ],
});

const machine = {
  processor: 'one',
  cores: 2,
  memoryBytes: 8e9,
  system: 'a system',
  load: null,
  date: 'today',
};

t.test('a ratio is that time over the library’s', async (t) => {
  t.same(
    measured.rows.map(({ ratio }) => ratio),
    [1, 1.5, 0.95],
  );
  const alone = withRatios({ rows: [row('language', names.eager, 3)] });
  t.same(
    alone.rows.map(({ ratio }) => ratio),
    [null],
    'without the library there is none',
  );
});

t.test('first outputs are held to reading the file and three warm runs', async (t) => {
  t.equal(coldRatio(measured.rows[0]), 7 / 4);
  t.equal(coldRatio(measured.rows[1]), null);
});

t.test('PyTorch eager is to take a fifth longer, the others no less', async (t) => {
  const aims = peerAims(measured.rows).map(({ atLeast, measured }) => [atLeast, measured]);
  t.same(aims, [
    [1.2, [['language', 1.5]]],
    [1, [['language', 0.95]]],
    [1, [['language', 7 / 4]]],
  ]);
});

t.test('the page says which aims were reached, and what an engine could not do', async (t) => {
  const refusal = {
    work: 'flow',
    engine: names.exported,
    threads: 2,
    reason: 'no export: it is | too large',
  };
  const page = peersMarkdown({ ...noResults(machine, { node: '20' }), ...measured, refusals: [refusal] });
  t.match(page, /against PyTorch eager \| 1.2 × \| 1.50 × \| yes \| language \|/);
  t.match(page, /in onnxruntime-node \| 1 × \| 0.950 × \| no \| language \|/);
  t.match(page, '| language | 2.00 s | 3.00 s (1.50 ×) | 1.90 s (0.950 ×) |');
  t.match(page, 'no export: it is \\| too large (flow)');
});
