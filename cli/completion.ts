/**
 * Scripts of completion for bash, zsh and fish, from the commands and their options.
 */

/** A command that is completed. */
export interface Shown {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly {
    readonly flag: string;
    readonly doc: string;
    /** The values of the option, or that they are files; undefined for an option without a value. */
    readonly values: readonly string[] | 'file' | undefined;
  }[];
  /** Values of the first argument; files if there are none. */
  readonly values: readonly string[];
}

type Write = (commands: readonly Shown[]) => string;

const listed = (values: readonly string[] | 'file' | undefined): values is readonly string[] =>
  Array.isArray(values);

/** A script for bash: words by command and by the option before; files beside them. */
export const bash: Write = (commands) => {
  const cases = commands.flatMap(({ name, options, values }) => [
    ...options.flatMap(({ flag, values: of }) =>
      of === undefined ? [] : [`    '${name} ${flag}') words='${listed(of) ? of.join(' ') : ''}' ;;`],
    ),
    `    '${name} '*) words='${[...options.map(({ flag }) => flag), ...values].join(' ')}' ;;`,
  ]);
  return `_renga() {
  local word="\${COMP_WORDS[COMP_CWORD]}" words=''
  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in
${cases.join('\n')}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words='${commands.map(({ name }) => name).join(' ')}'
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _renga renga`;
};

/** Text inside single quotes of zsh's and fish's scripts. */
const quoted = (text: string): string => text.replaceAll("'", '’');

const inBrackets = (text: string): string => quoted(text).replace(/[[\]:\\]/g, '\\$&');

/** A script for zsh. */
export const zsh: Write = (commands) => {
  const described = commands.map(({ name, doc }) => `    '${name}:${inBrackets(doc)}'`);
  const cases = commands.map(({ name, options, values }) => {
    const each = options.map(({ flag, doc, values: of }) => {
      const value = of === undefined ? '' : listed(of) ? `:value:(${of.join(' ')})` : ':file:_files';
      return `'*${flag}[${inBrackets(doc)}]${value}'`;
    });
    const first = values.length > 0 ? [`'1:value:(${values.join(' ')})'`] : [];
    return `    ${name}) _arguments ${[...each, ...first, "'*:file:_files'"].join(' ')} ;;`;
  });
  return `#compdef renga
_renga() {
  local -a commands=(
${described.join('\n')}
  )
  if (( CURRENT == 2 )); then _describe command commands; return; fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _renga renga`;
};

/** A script for fish. */
export const fish: Write = (commands) =>
  commands
    .flatMap(({ name, doc, options, values }) => {
      const within = `complete -c renga -n '__fish_seen_subcommand_from ${name}'`;
      return [
        `complete -c renga -n __fish_use_subcommand -f -a ${name} -d '${quoted(doc)}'`,
        ...options.map(({ flag, doc: about, values: of }) => {
          const value = of === undefined ? '' : listed(of) ? ` -x -a '${of.join(' ')}'` : ' -r';
          return `${within} -l ${flag.replace(/^--/, '')}${value} -d '${quoted(about)}'`;
        }),
        ...(values.length > 0 ? [`${within} -a '${values.join(' ')}'`] : []),
      ];
    })
    .join('\n');
