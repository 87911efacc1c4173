/* The benchmark scenario (README.md) as a C program for GenMC: -DN=walkers -DM=ptes, -DFIX for the fix. */
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

static atomic_int pmd = 1;
static atomic_int pte[M];
static atomic_int ref[M];
static atomic_int freed[M];
static atomic_int gen[M];
static atomic_int huge[M];

static void put(int i)
{
	if (atomic_fetch_sub(&ref[i], 1) == 1)
		atomic_store(&freed[i], 1);
}

static void *collapser(void *unused)
{
	atomic_store(&pmd, 0);
	for (int i = 0; i < M; i++) {
		if (atomic_load(&ref[i]) != 1) {
			atomic_store(&pmd, 1);
			return NULL;
		}
	}
	for (int i = 0; i < M; i++)
		atomic_store(&huge[i], atomic_load(&gen[i]));
	for (int i = 0; i < M; i++) {
		atomic_store(&pte[i], 0);
		put(i);
	}
	atomic_store(&pmd, 2);
	return NULL;
}

static int get_unless_zero(int i)
{
	int old = atomic_load(&ref[i]);

	while (old != 0)
		if (atomic_compare_exchange_strong(&ref[i], &old, old + 1))
			return 1;
	return 0;
}

static void *walker(void *arg)
{
	int i = (int)(long)arg % M;
	int g;

	if (atomic_load(&pmd) != 1 || atomic_load(&pte[i]) == 0 || !get_unless_zero(i))
		return NULL;
	if (atomic_load(&pte[i]) == 0) {
		put(i);
		return NULL;
	}
#ifdef FIX
	if (atomic_load(&pmd) != 1) {
		put(i);
		return NULL;
	}
#endif
	g = atomic_load(&gen[i]);
	assert(atomic_load(&freed[i]) == 0);
	atomic_store(&gen[i], g + 1);
	put(i);
	return NULL;
}

int main(void)
{
	pthread_t threads[N + 1];

	for (int i = 0; i < M; i++) {
		atomic_store(&pte[i], i + 1);
		atomic_store(&ref[i], 1);
	}
	pthread_create(&threads[N], NULL, collapser, NULL);
	for (long w = 0; w < N; w++)
		pthread_create(&threads[w], NULL, walker, (void *)w);
	for (int w = 0; w <= N; w++)
		pthread_join(threads[w], NULL);
	for (int i = 0; i < M; i++)
		assert(atomic_load(&pmd) != 2 || atomic_load(&huge[i]) == atomic_load(&gen[i]));
	return 0;
}
