/**
 * Processes of this machine by their numbers: those that run, and those that have ended, though their parent may not have
 * asked for their status yet (zombies).
 */
import { fileSystem } from './fileSystem.js';

/** True where Linux knows the process as ended: its state is Z or X, behind its name, which is in parentheses. */
const isDead = async (pid: number): Promise<boolean> => {
  const { fs } = await fileSystem();
  const stat = await fs.promises.readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return /^[ZXx]/.test(stat.slice(stat.lastIndexOf(')') + 2));
};

/** True if a process of this machine is running; also where it is another user's. */
export const isRunning = async (pid: number): Promise<boolean> => {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
  return !(await isDead(pid));
};
