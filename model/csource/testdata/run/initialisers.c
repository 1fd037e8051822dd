// Initialisers, of locals and of static storage; static locals; addresses of
// parts of variables as initial values; pointers to functions.
void say(long long);

typedef struct link { struct link *next, *prev; } LINK;
typedef int OPERATION(int, int);
typedef struct { const char *name; OPERATION *run; int bias; } COMMAND;
typedef struct { int n; LINK list; int a[4]; } ROOT;

static int add(int a, int b) { return a + b; }
static int sub(int a, int b) { return a - b; }
static COMMAND commands[] = { { "add", add, 1 }, { "sub", &sub }, { 0 } };
static ROOT root = { 5, { &root.list, &root.list }, { 1, 2, [3] = 4 } };
static int *third = &root.a[3], *second = root.a + 1;
static long long wide = -1LL;
static unsigned char narrow = 300 & 0xff;
static int grid[2][2] = { { 1 }, { 3, 4 } };
int tentative;
int tentative = 12;

static int counter(void) { static int n = 40; static int zero; zero++; return n++ + zero; }

int main(void) {
    ROOT local = { .n = 2, .a = { 7, 8 } };
    ROOT copy = root;
    LINK l = { &l, &l };
    COMMAND *c;
    int n = 3, m = { 4 }, z[3] = { 0 };
    OPERATION *f = n > 2 ? sub : add;
    for (c = commands; c->name; c++) say(c->run(10, 3) + c->bias);
    // want: 14 7
    say(f(1, 2)); say((*f)(5, 1)); say(commands[1].name[0]);
    // want: -1 4 115
    say(root.list.next == &root.list); say(root.list.prev->next == root.list.next); say(*third); say(*second); say(root.a[2]);
    // want: 1 1 4 2 0
    say(local.n); say(local.a[1]); say(local.a[3]); say(local.list.next == 0); say(copy.a[3]); say(copy.list.next == &root.list);
    // want: 2 8 0 1 4 1
    say(l.next->prev == &l); say(wide); say(narrow); say(n + m); say(z[2]); say(tentative); say(grid[0][1] + grid[1][1]);
    // want: 1 -1 44 7 0 12 4
    say(counter()); say(counter()); say(counter());
    // want: 41 43 45
    for (n = 0; n < 2; n++) { int fresh[2] = { n }; say(fresh[0]); say(fresh[1]); fresh[1] = 9; }
    // want: 0 0 1 0
    say(((ROOT){ .n = 6 }).n);
    // want: 6
    return 0;
}
