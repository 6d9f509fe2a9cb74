"""A process that has the report imported and warmed up, and forks runs of the command on request.

The tests of faults kill runs, take their disk away or start two at once; importing everything for each of them would
take most of the time. Each line on standard input is a JSON list of runs that begin together; the answers are their
process ids, then their exit statuses.
"""

import importlib
import json
import os
import resource
import sys


def main():
    from retention_kit import cli, report, warm_kernels  # noqa: F401 - imported before the fork

    for name in warm_kernels.MODULES:  # what a run imports when it needs it
        importlib.import_module(name)
    warm_kernels.warm_up()
    shared = warm_kernels.current()
    shared.ready()
    warm_kernels.current, warm_kernels.stop = (lambda: shared), (lambda: None)  # shared by runs that are killed
    for line in sys.stdin:
        started = [start(cli.main, **request) for request in json.loads(line)]
        tell(started)
        ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in started]
        tell(ended)


def tell(numbers):
    sys.stdout.write(json.dumps(numbers) + "\n")
    sys.stdout.flush()


def start(command, arguments, said, folder, largest_file=None, env=None):
    pid = os.fork()
    if pid:
        return pid
    out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.chdir(folder)
    os.environ.update(env or {})
    if largest_file is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
    status = 70
    try:
        command(arguments)
    except SystemExit as end:
        status = end.code or 0
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
