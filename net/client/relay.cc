#include "net/client/relay.h"

namespace rondo {
namespace {

// Nothing was cut off.
bool IsOrderly(CloseReason reason) {
  return reason == CloseReason::kPeerClosed ||
         reason == CloseReason::kLocalClosed || reason == CloseReason::kDrained;
}

}  // namespace

void Relay::Join(TcpConnection& a, Relay& end_of_a, TcpConnection& b,
                 Relay& end_of_b) {
  a.SetFeeder(b.handle());
  b.SetFeeder(a.handle());
  end_of_a.SetPeer(b);
  end_of_b.SetPeer(a);
}

void Relay::SetPeer(TcpConnection& peer) {
  peer_ = peer.handle();
  if (input_ended_) peer.Shutdown();
}

void Relay::HandleMessage(Buffer& input) {
  TcpConnection* const peer = peer_.local();
  if (peer != nullptr) peer->Send(input.view());
  input.Clear();
}

void Relay::HandleHalfClose() {
  input_ended_ = true;
  TcpConnection* const peer = peer_.local();
  if (peer != nullptr) peer->Shutdown();
}

void Relay::HandleClose(CloseReason reason) {
  TcpConnection* const peer = peer_.local();
  if (peer == nullptr) return;
  if (IsOrderly(reason)) {
    peer->Close();
  } else {
    peer->Reset();
  }
}

}  // namespace rondo
