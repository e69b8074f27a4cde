/* Peers of the pipeline benchmark on libzmq, as fast as a C program is: what pumps and sinks are measured against.

   peers send ENDPOINT SIZE COUNT       connects a PUSH and sends
   peers receive ENDPOINT SIZE COUNT    binds a PULL, prints `ready`, then the messages per second from first to last
   peers echo ENDPOINT                  binds a REP that answers each request with itself, prints `ready`
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec / 1e9;
}

static void check(int result, const char *what) {
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, zmq_strerror(zmq_errno()));
        exit(1);
    }
}

static void send_messages(void *socket, size_t size, long count) {
    char *body = calloc(1, size + 1);
    for (long n = 0; n < count; n++)
        check(zmq_send(socket, body, size, 0), "send");
    free(body);
}

static void receive_messages(void *socket, long count) {
    zmq_msg_t message;
    double first = 0;
    check(zmq_msg_init(&message), "init");
    for (long n = 0; n < count; n++) {
        check(zmq_msg_recv(&message, socket, 0), "receive");
        if (n == 0)
            first = now();
    }
    printf("%.0f\n", (count - 1) / (now() - first));
    zmq_msg_close(&message);
}

static void echo(void *socket) {
    zmq_msg_t message;
    check(zmq_msg_init(&message), "init");
    for (;;) {
        check(zmq_msg_recv(&message, socket, 0), "receive");
        check(zmq_msg_send(&message, socket, 0), "send");
    }
}

int main(int argc, char **argv) {
    if (argc < 3)
        return 2;
    void *context = zmq_ctx_new();
    size_t size = argc > 3 ? strtoul(argv[3], NULL, 10) : 0;
    long count = argc > 4 ? atol(argv[4]) : 0;
    if (!strcmp(argv[1], "send")) {
        void *socket = zmq_socket(context, ZMQ_PUSH);
        check(zmq_connect(socket, argv[2]), "connect");
        send_messages(socket, size, count);
        zmq_close(socket);
    } else {
        void *socket = zmq_socket(context, strcmp(argv[1], "echo") ? ZMQ_PULL : ZMQ_REP);
        check(zmq_bind(socket, argv[2]), "bind");
        puts("ready");
        fflush(stdout);
        if (!strcmp(argv[1], "echo"))
            echo(socket);
        receive_messages(socket, count);
        zmq_close(socket);
    }
    zmq_ctx_term(context);
    return 0;
}
