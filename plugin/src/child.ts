/** Runs the binary as if it were this process: same terminal, same signals, same exit code. */
import {spawn} from 'node:child_process'
import {constants} from 'node:os'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Whatever listens to signals in this process. */
type Listener = (signal: NodeJS.Signals) => void

/**
 * Runs the binary with the terminal of this process and returns its exit code: 128 and the
 * signal's number where a signal ended it.
 *
 * The Heroku CLI's own listeners would end this process at the first Ctrl-C, with the binary
 * still at work behind the shell's prompt. So they are taken off meanwhile. A terminal's SIGINT is
 * not passed on: it has been delivered to the binary already, and a second one means "stop at once".
 */
export async function runChild(
  binary: string,
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const restore = takeOffListeners()
  try {
    return await new Promise<number>((resolve, reject) => {
      const child = spawn(binary, argv, {env, stdio: 'inherit', windowsHide: false})
      process.on('SIGINT', () => {
        if (!isAtTerminal()) child.kill('SIGINT')
      })
      process.on('SIGTERM', () => child.kill('SIGTERM'))
      process.on('SIGHUP', () => child.kill('SIGHUP'))
      child.once('error', reject)
      child.once('exit', (code, signal) => resolve(exitCode(code, signal)))
    })
  } finally {
    restore()
  }
}

/** Whether Ctrl-C can be where a SIGINT comes from. */
function isAtTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(stream => stream.isTTY === true)
}

function takeOffListeners(): () => void {
  const saved = SIGNALS.map(signal => [signal, process.listeners(signal) as Listener[]] as const)
  for (const signal of SIGNALS) process.removeAllListeners(signal)
  return () => {
    for (const [signal, listeners] of saved) {
      process.removeAllListeners(signal)
      for (const listener of listeners) process.on(signal, listener)
    }
  }
}

function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code
  // A process ended by neither does not exist; 1 is at least no success.
  return signal === null ? 1 : 128 + constants.signals[signal]
}
