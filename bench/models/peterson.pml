/* Peterson's filter: -DN=processes. One statement or atomic is one step. */
byte level[N];
byte last[N] = N;

#define LOWER(k) (k >= N || k == _pid || level[k] < at)

active [N] proctype P() {
  byte at = 1;
up:
  level[_pid] = at;
  last[at] = _pid;
  atomic {
    last[at] != _pid || (LOWER(0) && LOWER(1) && LOWER(2) && LOWER(3) && LOWER(4) && LOWER(5)) -> at++;
    if
    :: at < N -> goto up
    :: else -> at = 1
    fi
  };
  level[_pid] = 0;
  goto up
}
