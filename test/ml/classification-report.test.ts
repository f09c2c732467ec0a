import { expect, test } from 'vitest';
import { classificationReport } from '../../ml/metrics/classification-report.ts';

test('averages the classes evenly and by their rows, as scikit-learn does', () => {
  const report = classificationReport(
    ['lost', 'converted'],
    [
      [6, 2],
      [1, 3],
    ],
  );
  expect(report?.rows).toBe(12);
  expect(report?.accuracy).toBeCloseTo(0.75, 12);
  expect(report?.classes[0]).toMatchObject({ class: 'lost', support: 8, recall: 0.75 });
  expect(report?.classes[1]).toMatchObject({ class: 'converted', support: 4, precision: 0.6 });
  expect(report?.macro.f1).toBeCloseTo((0.8 + 2 / 3) / 2, 12);
  expect(report?.weighted.f1).toBeCloseTo((0.8 * 8 + (2 / 3) * 4) / 12, 12);
  expect(report?.weighted.recall).toBeCloseTo(0.75, 12);
});

test('says nothing of no rows', () => {
  expect(
    classificationReport(
      ['a', 'b'],
      [
        [0, 0],
        [0, 0],
      ],
    ),
  ).toBeNull();
});
