import { classScores } from './counts.ts';
import type { MetricFamily } from './family.ts';

/** The mean recall of the classes that occur: scikit-learn's `balanced_accuracy_score`. Null without rows. */
export const balancedAccuracy: MetricFamily<'balancedAccuracy'> = {
  of: 'decisions',
  tasks: ['binary', 'multiclass'],
  better: { balancedAccuracy: 'higher' },
  measure(confusion) {
    const present = classScores(confusion).filter(({ support }) => support > 0);
    if (present.length === 0) return { balancedAccuracy: null };
    return { balancedAccuracy: present.reduce((sum, { recall }) => sum + recall, 0) / present.length };
  },
};
