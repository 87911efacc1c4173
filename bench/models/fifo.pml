/* A queue: -DV=values -DL=its length. One statement or atomic is one step. */
byte place[L];
byte used;

active proctype writer() {
  byte value;
  do
  :: if
     :: value = 1
     :: V > 1 -> value = 2
     fi
  od
}
