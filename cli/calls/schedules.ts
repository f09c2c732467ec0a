import { z } from 'zod';
import {
  type PutSchedule,
  scheduleListSchema,
  scheduleSchema,
  scheduleTriggeredSchema,
} from '../../contracts/http/schedules.ts';
import { type Connection, part } from '../connection.ts';

export function scheduleCalls({ call }: Connection) {
  return {
    schedules: () => call({ path: '/schedules', answer: scheduleListSchema }),
    putSchedule: (pipeline: string, body: PutSchedule) =>
      call({ method: 'PUT', path: `/schedules/${part(pipeline)}`, body, answer: scheduleSchema }),
    deleteSchedule: (pipeline: string) =>
      call({ method: 'DELETE', path: `/schedules/${part(pipeline)}`, answer: z.unknown() }),
    triggerSchedule: (pipeline: string) =>
      call({
        method: 'POST',
        path: `/schedules/${part(pipeline)}/trigger`,
        body: {},
        answer: scheduleTriggeredSchema,
      }),
    pauseSchedule: (pipeline: string, note: string | undefined) =>
      call({
        method: 'POST',
        path: `/schedules/${part(pipeline)}/pause`,
        body: { note },
        answer: scheduleSchema,
      }),
    resumeSchedule: (pipeline: string, note: string | undefined) =>
      call({
        method: 'POST',
        path: `/schedules/${part(pipeline)}/resume`,
        body: { note },
        answer: scheduleSchema,
      }),
  };
}
