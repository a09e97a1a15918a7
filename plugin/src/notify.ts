/** A desktop notification at the end of long work, by the Heroku CLI's own means. */
import {loadModule} from './running-cli.js'

const LIBRARY = '@heroku-cli/notifications'

/** Milliseconds after which nobody is expected to look at the terminal any more. */
const LONG = 20_000

/** How a command ended, as far as a notification says it. */
const ENDINGS: Readonly<Record<number, string>> = {
  0: 'done',
  3: 'blocked: look at the findings',
  5: 'paused: the same command goes on',
  6: 'the verification found a difference',
  7: 'rolled back, the app is up',
  8: 'stuck: a person is needed',
  11: 'something was changed meanwhile: look at it',
}

interface Notifications {
  notify(notification: {message: string; subtitle: string; title: string}): void
}

/** What to show, if anything: nothing of short work, nor where nobody sat at a terminal. */
export function notification(
  command: string,
  code: number,
  lasted: number,
  isTerminal: boolean,
): {message: string; subtitle: string; title: string} | undefined {
  // Whoever pressed Ctrl-C or closed the terminal knows.
  if (!isTerminal || lasted < LONG || code >= 128) return undefined
  return {message: ENDINGS[code] ?? `ended with code ${code}`, subtitle: command, title: 'heroku'}
}

/** Shows it. Whatever goes wrong with it is no failure of the command. */
export async function notify(shown: ReturnType<typeof notification>): Promise<void> {
  if (shown === undefined) return
  try {
    const library = (await loadModule(LIBRARY)) as Notifications | undefined
    library?.notify(shown)
  } catch {
    // The command has done its work, and its screen says how it ended.
  }
}
