/*
 * core/cli/completion.c - what is generated: bash completion from the tables, names of clouds for it while it runs, and
 * the dispatch of "neph --generate man DIR | bash | clouds | extensions".
 */
#include "core/cli/help.h"
#include "core/cli/text.h"

#include <string.h>

static void put_dashed(nephc_output *out, const char *name)
{
    for (; *name; name++)
        nephc_output_byte(out, (char)(*name == '_' ? '-' : *name));
}

static void put_words_of_options(nephc_output *out, const nephc_target *target)
{
    nephc_option option;
    size_t i;

    for (i = 0; nephc_target_option(target, i, &option); i++) {
        nephc_output_text(out, " --");
        put_dashed(out, option.name);
        nephc_output_text(out, option.value ? "=" : "");
    }
}

static void put_global_words(nephc_output *out)
{
    const nephc_option *option;
    size_t i;

    for (i = 0; (option = nephc_option_at(i)) != NULL; i++) {
        nephc_output_text(out, i ? " --" : "--");
        put_dashed(out, option->name);
    }
}

/* Options whose value is the next word, as a pattern of case. */
static void put_value_pattern(nephc_output *out)
{
    const nephc_option *option;
    size_t i;
    int count = 0;

    for (i = 0; (option = nephc_option_at(i)) != NULL; i++) {
        if (!option->value)
            continue;
        nephc_output_text(out, count++ ? "|--" : "--");
        put_dashed(out, option->name);
        if (option->letter) {
            nephc_output_text(out, "|-");
            nephc_output_byte(out, option->letter);
        }
    }
}

static void put_nouns(nephc_output *out)
{
    const char *noun;
    size_t i;

    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++) {
        nephc_output_text(out, i ? " " : "");
        nephc_output_text(out, noun);
    }
}

static void put_verbs(nephc_output *out, const char *noun)
{
    nephc_target target;
    size_t i;

    nephc_output_text(out, "    ");
    nephc_output_text(out, noun);
    nephc_output_text(out, ") words=\"");
    for (i = 0; nephc_target_at(i, &target); i++)
        if (strcmp(nephc_target_noun(&target), noun) == 0 && nephc_target_verb(&target)) {
            nephc_output_text(out, nephc_target_verb(&target));
            nephc_output_byte(out, ' ');
        }
    nephc_output_text(out, "\";;\n");
}

static void put_case_of_options(nephc_output *out)
{
    nephc_target target;
    size_t i;

    for (i = 0; nephc_target_at(i, &target); i++) {
        nephc_output_text(out, "    ");
        nephc_output_text(out, nephc_target_noun(&target));
        nephc_output_byte(out, '.');
        if (nephc_target_verb(&target))
            nephc_output_text(out, nephc_target_verb(&target));
        else
            nephc_output_byte(out, '*');
        nephc_output_text(out, ") words=\"$words");
        put_words_of_options(out, &target);
        nephc_output_text(out, "\";;\n");
    }
}

static const char bash_head[] =
    "# bash completion for neph; made by neph --generate bash.\n"
    "_neph()\n"
    "{\n"
    "  local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} noun= verb= words= i word skip=\n"
    "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "    word=${COMP_WORDS[i]}\n"
    "    if [ -n \"$skip\" ]; then skip=; continue; fi\n"
    "    case $word in\n";

static const char bash_middle[] =
    ") skip=1;;\n"
    "    -*) ;;\n"
    "    *) if [ -z \"$noun\" ]; then noun=$word; elif [ -z \"$verb\" ]; then verb=$word; fi;;\n"
    "    esac\n"
    "  done\n"
    "  COMPREPLY=()\n"
    "  case $before in\n"
    "    -c|--cloud) COMPREPLY=($(compgen -W \"$(neph --generate clouds 2>/dev/null)\" -- \"$cur\")); return;;\n"
    "    -o|--output) COMPREPLY=($(compgen -W \"table json jsonl tsv\" -- \"$cur\")); return;;\n"
    "    --set|--timeout|--retries|--proxy) return;;\n"
    "    --record|--replay|--plugin-path) COMPREPLY=($(compgen -d -- \"$cur\")); return;;\n"
    "    --ca-file|--clouds-file) COMPREPLY=($(compgen -f -- \"$cur\")); return;;\n"
    "  esac\n"
    "  if [[ $cur == -* ]]; then\n"
    "    words=\"";

static const char bash_options[] = "\"\n    case $noun.$verb in\n";

static const char bash_nouns[] =
    "    esac\n"
    "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    "    [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null\n"
    "    return\n"
    "  fi\n"
    "  case $noun in\n"
    "    '') words=\"";

static const char bash_tail[] =
    "    *) compopt -o default 2>/dev/null; return;;\n"
    "  esac\n"
    "  if [ -n \"$verb\" ]; then compopt -o default 2>/dev/null; return; fi\n"
    "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    "}\n"
    "complete -F _neph neph\n";

/* Behind ls, cp ... : clouds with their colon, where bash has not cut the word at one, and files. */
static const char bash_addresses[] =
    ") compopt -o default -o nospace 2>/dev/null\n"
    "      [[ $cur == *[:/.]* || $before == : ]] ||\n"
    "        COMPREPLY=($(compgen -S : -W \"$(neph --generate clouds 2>/dev/null)\" -- \"$cur\"))\n"
    "      return;;\n";

static const char bash_call[] =
    "    call) words=$(neph --generate extensions ${verb:+\"$verb\"} 2>/dev/null)\n"
    "      COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
    "      [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null\n"
    "      return;;\n";

static void put_address_case(nephc_output *out)
{
    const char *noun;
    size_t i;
    int count = 0;

    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++) {
        if (!nephc_noun_takes_addresses(noun))
            continue;
        nephc_output_text(out, count++ ? "|" : "    ");
        nephc_output_text(out, noun);
    }
    nephc_output_text(out, bash_addresses);
}

int nephc_generate_bash(nephc_output *out)
{
    const char *noun;
    size_t i;

    nephc_output_text(out, bash_head);
    nephc_output_text(out, "    ");
    put_value_pattern(out);
    nephc_output_text(out, bash_middle);
    put_global_words(out);
    nephc_output_text(out, bash_options);
    put_case_of_options(out);
    nephc_output_text(out, bash_nouns);
    put_nouns(out);
    nephc_output_text(out, "\";;\n");
    put_address_case(out);
    nephc_output_text(out, bash_call);
    for (i = 0; (noun = nephc_noun_at(i)) != NULL; i++)
        if (!nephc_noun_is_verb(noun))
            put_verbs(out, noun);
    nephc_output_text(out, bash_tail);
    return NEPHC_DONE;
}

/* Names that a shell can take as they are; others are not offered. */
static void put_name(nephc_output *out, const char *name)
{
    static const char fine[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (*name == '\0' || name[strspn(name, fine)] != '\0')
        return;
    nephc_output_text(out, name);
    nephc_output_byte(out, '\n');
}

int nephc_generate_names(nephc *cli)
{
    const neph_provider_info *provider;
    const char *name;
    size_t i;
    int rc = nephc_host_open(cli);

    if (rc)
        return rc;
    for (i = 0; (provider = neph_provider_at(cli->host, i)) != NULL; i++)
        put_name(&cli->out, provider->id);
    for (i = 0; (name = neph_cloud_name_at(cli->host, i)) != NULL; i++)
        put_name(&cli->out, name);
    return NEPHC_DONE;
}

int nephc_generate(nephc *cli)
{
    const char *const *words = cli->options.words;
    size_t count = cli->options.word_count;

    if (count == 2 && strcmp(words[0], "man") == 0)
        return nephc_generate_man(words[1]);
    if (count == 1 && strcmp(words[0], "bash") == 0)
        return nephc_generate_bash(&cli->out);
    if (count == 1 && strcmp(words[0], "clouds") == 0)
        return nephc_generate_names(cli);
    if ((count == 1 || count == 2) && strcmp(words[0], "extensions") == 0)
        return nephc_generate_extensions(cli, count == 2 ? words[1] : NULL);
    return nephc_fail(NEPHC_USAGE, "--generate: write man DIR, bash, clouds or extensions");
}
