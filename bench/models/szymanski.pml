/* Szymanski's algorithm: -DN=processes. One statement or atomic is one step. */
byte flag[N];

#define ALL(test) (test(0) && test(1) && test(2) && test(3) && test(4) && test(5))
#define SOME(value) (IS(0, value) || IS(1, value) || IS(2, value) || IS(3, value) || IS(4, value) || IS(5, value))
#define IS(k, value) (k < N && flag[k] == value)
#define OPEN(k) (k >= N || flag[k] < 3)
#define BEFORE(k) (k >= N || k >= _pid || flag[k] < 2)
#define AFTER(k) (k >= N || k <= _pid || flag[k] < 2 || flag[k] == 4)

active [N] proctype P() {
again:
  flag[_pid] = 1;
  ALL(OPEN);
  flag[_pid] = 3;
  if
  :: SOME(1) ->
     flag[_pid] = 2;
     SOME(4)
  :: !SOME(1)
  fi;
  flag[_pid] = 4;
  ALL(BEFORE);
  ALL(AFTER);
  flag[_pid] = 0;
  goto again
}
